# ruff: noqa: RUF001 - letters of several alphabets look alike, and are meant
"""By which other names do people and systems call our columns?

Data only: names in English, Chinese, Russian and Georgian, and those that diallers, PBXs and CRMs
use. Written without blanks and punctuation, in lower case, as `plain` leaves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "call_id": (
            "callid", "uniqueid", "id", "calluuid", "uuid", "callsid", "sid", "linkedid", "callno",
            "callnumber", "recordid", "activityid", "通话id", "呼叫id", "通话编号", "呼叫编号",
            "идентификаторзвонка", "idзвонка", "номерзвонка", "ზარისid", "ზარისნომერი",
        ),
        "started_at": (
            "calldate", "callstart", "starttime", "startedat", "start", "startstamp", "calltime",
            "calldatetime", "datetime", "date", "timestamp", "begintime", "dialtime", "dialdate",
            "createtime", "callcreated", "开始时间", "通话时间", "呼叫时间", "日期", "拨打时间",
            "дата", "датазвонка", "началозвонка", "времязвонка", "датаивремя", "времяначала",
            "თარიღი", "ზარისთარიღი", "დაწყებისდრო", "დრო",
        ),
        "answered_at": (
            "answer", "answertime", "answerstamp", "answeredtime", "connecttime", "pickuptime",
            "接通时间", "应答时间", "времяответа", "датаответа", "პასუხისდრო",
        ),
        "ended_at": (
            "end", "endtime", "endstamp", "hanguptime", "callend", "finishtime", "结束时间",
            "挂断时间", "времяокончания", "конецзвонка", "დასრულებისდრო",
        ),
        "direction": (
            "calldirection", "calltype", "type", "inout", "方向", "呼叫类型", "呼叫方向",
            "направление", "типзвонка", "მიმართულება", "ზარისტიპი",
        ),
        "disposition": (
            "status", "callstatus", "outcome", "calloutcome", "dispo", "callresult", "resultcode",
            "statusname", "hangupcause", "dialstatus", "termreason", "状态", "通话状态", "结果",
            "呼叫结果", "статус", "результат", "итогзвонка", "სტატუსი", "შედეგი", "ზარისშედეგი",
        ),
        "contact": ("contacted", "customercontact", "reached", "иконтакт", "контакт", "კონტაქტი"),
        "right_party": ("rpc", "rightpartycontact", "rightparty", "decisionmaker", "лпр"),
        "converted": (
            "sale", "sold", "conversion", "success", "won", "issale", "成交", "продажа", "сделка",
            "გაყიდვა", "გაყიდულია",
        ),
        "do_not_call": ("dnc", "donotcall", "optout", "勿扰", "незвонить", "ნუდარეკავ"),
        "callback_at": (
            "callback", "callbacktime", "callbackdate", "nextcall", "回拨时间", "перезвонить",
            "датаперезвона", "გადარეკვა",
        ),
        "ended_by": ("hangupby", "whohungup", "disconnectedby", "挂断方", "ктозавершил"),
        "ring_s": (
            "ring", "ringtime", "ringsec", "ringduration", "振铃时长", "времядозвона", "зуммер",
            "რეკვისდრო",
        ),
        "wait_s": (
            "wait", "waittime", "waitsec", "holdtime", "queueseconds", "queuetime", "等待时长",
            "времяожидания", "ожидание", "ლოდინისდრო",
        ),
        "talk_s": (
            "talk", "talktime", "talksec", "talkduration", "billsec", "billableseconds", "duration",
            "callduration", "durationsec", "lengthinsec", "length", "calllength", "通话时长",
            "时长", "длительность", "длительностьразговора", "длительностьзвонка", "разговор",
            "ხანგრძლივობა", "საუბრისდრო",
        ),
        "hold_s": ("hold", "holdsec", "holdduration", "保持时长", "удержание"),
        "wrap_s": (
            "wrap", "wraptime", "wrapup", "wrapuptime", "acw", "acwtime", "dispo_sec", "dispose",
            "dispsec", "后处理时长", "постобработка",
        ),
        "campaign_id": (
            "campaign", "campaignname", "campaignid", "project", "queue", "queuename", "活动",
            "项目", "кампания", "проект", "კამპანია",
        ),
        "list_id": ("list", "listid", "listname", "dataset", "名单", "список", "база", "სია"),
        "lead_id": (
            "leadid", "lead", "contactid", "prospectid", "clientid", "recordkey", "vendorleadcode",
            "线索id", "客户编号", "idлида", "лид", "idклиента", "клиент", "ლიდი", "კლიენტი",
        ),
        "customer_id": ("customerid", "customer", "accountid", "客户id", "покупатель", "მყიდველი"),
        "agent_id": (
            "agent", "agentid", "agentname", "user", "userid", "username", "operator", "rep",
            "owner", "ownerid", "extension", "assignedto", "坐席", "坐席工号", "客服", "оператор",
            "агент", "менеджер", "сотрудник", "ოპერატორი", "აგენტი",
        ),
        "phone_token": (
            "phone", "phonenumber", "number", "dst", "destination", "destinationnumber", "to",
            "callednumber", "msisdn", "mobile", "telephone", "tel", "customerphone", "dialednumber",
            "电话", "号码", "手机", "手机号", "被叫号码", "телефон", "номер", "номертелефона",
            "ტელეფონი", "ნომერი", "მობილური",
        ),
        "region": (
            "state", "province", "area", "city", "地区", "省份", "регион", "область", "რეგიონი",
        ),
        "country": ("countrycode", "nation", "国家", "страна", "ქვეყანა"),
        "line_type": ("linetype", "phonetype", "numbertype", "线路类型", "типлинии"),
        "timezone": ("tz", "zone", "timezonename", "时区", "часовойпояс", "დროისსარტყელი"),
        "script": ("scriptname", "scriptid", "话术", "脚本", "скрипт", "сценарий", "სკრიპტი"),
        "product": ("productname", "offer", "产品", "продукт", "товар", "პროდუქტი"),
        "cost": ("price", "callcost", "charge", "amount", "费用", "стоимость", "цена", "ფასი"),
        "currency": ("currencycode", "currencyisocode", "币种", "валюта", "ვალუტა"),
        "recording": ("recordingurl", "recordingfile", "filename", "录音", "запись", "ჩანაწერი"),
        "test": ("istest", "testcall", "тест", "ტესტი"),
        "name": ("fullname", "agentname", "title", "姓名", "名称", "имя", "фио", "სახელი"),
        "team": ("group", "usergroup", "department", "team", "班组", "отдел", "команда", "გუნდი"),
        "hired_on": ("hiredate", "startdate", "入职日期", "датаприема", "მიღებისთარიღი"),
        "left_on": ("leavedate", "terminationdate", "离职日期", "датаувольнения"),
        "hourly_cost": ("hourlyrate", "wage", "rate", "时薪", "ставка", "ხელფასი"),
        "language": ("lang", "语言", "язык", "ენა"),
        "created_at": (
            "created", "createdate", "createddate", "createdat", "createdtime", "entrydate",
            "dateadded", "创建时间", "датасоздания", "создан", "შექმნისთარიღი",
        ),
        "lead_source": ("source", "leadsource", "channel", "来源", "источник", "канал", "წყარო"),
        "industry": ("sector", "vertical", "行业", "отрасль", "ინდუსტრია"),
        "mql_at": ("mqldate", "mql"),
        "sql_at": ("sqldate", "sql", "qualifieddate", "qualifiedat"),
        "converted_at": ("converteddate", "conversiondate", "closedate", "wondate"),
        "lost_at": ("lostdate", "closedlostdate"),
        "interval_id": ("intervalid", "agentlogid", "logid", "id"),
        "state": ("agentstate", "status", "状态", "состояние", "მდგომარეობა"),
        "reason": ("pausecode", "pausereason", "substatus", "причина", "მიზეზი"),
        "goal": ("objective", "目标", "цель", "მიზანი"),
    }
)  # fmt: skip
"""Column to its other names."""


def plain(header: str) -> str:
    """Write a header without blanks, punctuation and capitals.

    Example:
        >>> plain("Call-Date (local)")
        'calldatelocal'
    """
    return "".join(letter for letter in header.casefold() if letter.isalnum())
