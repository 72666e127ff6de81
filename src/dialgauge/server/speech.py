"""How are numbers, days and groups said in the reader's language?

Everything is written here, on the server, with CLDR's rules: browsers do not know Georgian.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from dialgauge.lang import LANGUAGES, Texts, texts
from dialgauge.model.answer import Change, KeyValue, Value
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.question import Grain, Period

# CLDR writes these as their codes in most languages; a narrow sign reads better on a card.
_SIGNS: Mapping[str, str] = MappingProxyType({"GEL": "₾", "RUB": "₽", "KZT": "₸", "CNY": "¥"})
_STEPS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_BUCKETS = frozenset(grain.value for grain in Grain if grain is not Grain.HOUR)
_MANY = 10
_NARROW_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one language says things.

    Attributes:
        texts: Its words.
        locale: Its rules.
        currency: ISO 4217 code in which money is, empty when the lake has none.
        names: Dimension to what its groups are called, such as an agent by name.
    """

    texts: Texts
    locale: Locale
    currency: str = ""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language's code."""
        return self.texts.language

    def t(self, key: str, **values: object) -> str:
        """Say a text; see `Texts.t`."""
        return self.texts.t(key, **values)

    def title(self, kpi: Kpi) -> str:
        """Name a KPI."""
        return self.texts.kpi(kpi, "title")

    def count(self, number: float) -> str:
        r"""Write a whole number.

        Example:
            >>> speech("ru").count(28241)
            '28\xa0241'
        """
        return format_decimal(round(number), locale=self.locale)

    def part(self, number: float) -> str:
        """Write the numerator or denominator of a ratio: whole where it is large.

        Example:
            >>> speech("en").part(1234.5), speech("en").part(0.173), speech("ru").part(2.0)
            ('1,234', '0.17', '2')
        """
        return format_decimal(number, "#,##0" if number >= _MANY else "0.##", locale=self.locale)

    def share(self, number: float) -> str:
        """Write a share as per cent."""
        return self.number(number, Unit.SHARE)

    def number(self, value: float | None, unit: Unit) -> str:
        r"""Write a value in its unit.

        Example:
            >>> speech("en").number(0.2089, Unit.SHARE), speech("ru").number(0.2089, Unit.SHARE)
            ('20.9%', '20,9\xa0%')
            >>> speech("en", "GEL").number(48370, Unit.MONEY)
            '₾48,370'
        """
        if value is None:
            return self.t("ui.na")
        match unit:
            case Unit.SHARE:
                digits = "0" * _decimals(value)
                gap = "" if self.language in ("en", "zh") else "\xa0"
                return format_percent(value, f"#,##0.{digits}{gap}%", locale=self.locale)
            case Unit.SECONDS:
                return self.duration(value)
            case Unit.COUNT:
                return self.count(value)
            case Unit.HOURS:
                return self._measured(value, "duration-hour")
            case Unit.DAYS:
                return self._measured(value, "duration-day")
            case Unit.MONEY:
                return self.money(value)
            case Unit.RATIO | Unit.POINTS:
                return format_decimal(round(value, 2), "#,##0.0#", locale=self.locale)

    def money(self, value: float) -> str:
        """Write money, without cents where they do not matter."""
        cents = abs(value) < 1000
        digits = "#,##0.00" if cents else "#,##0"
        if not self.currency:
            return format_decimal(value, digits, locale=self.locale)
        before = self.language in ("en", "zh")
        form = f"¤{digits};-¤{digits}" if before else f"{digits}\xa0¤"
        said = format_currency(
            Decimal(str(round(value, 2))),
            self.currency,
            form,
            locale=self.locale,
            currency_digits=False,
        )
        return said.replace(self.currency, _SIGNS.get(self.currency, self.currency))

    def duration(self, seconds: float) -> str:
        """Write a length of time in its two largest units.

        Example:
            >>> speech("en").duration(193), speech("zh").duration(18.04)
            ('3m 13s', '18.0秒')
        """
        if abs(seconds) < 60:
            return self._measured(seconds, "duration-second")
        whole, sign = round(abs(seconds)), "-" if seconds < 0 else ""
        for (size, name), (part, part_name) in itertools.pairwise(_STEPS):
            if whole >= size:
                first = self._whole(whole // size, name)
                rest = whole % size // part
                gap = "" if self.language == "zh" else " "
                return f"{sign}{first}" + (f"{gap}{self._whole(rest, part_name)}" if rest else "")
        raise AssertionError(seconds)

    def interval(self, value: Value, unit: Unit) -> str:
        """Write a 95 % interval; empty when there is none."""
        if value.low is None:
            return ""
        low = self.number(value.low, unit)
        if value.high is None:
            return self.t("say.or_more", low=low)
        return self.t("say.between", low=low, high=self.number(value.high, unit))

    def difference(self, change: Change, unit: Unit) -> str:
        """Write a change: points for shares, per cent for the rest, the unit where there is none.

        Example:
            >>> change = Change(value=Value(value=0.2), difference=0.012, relative=0.06)
            >>> speech("en").difference(change, Unit.SHARE)
            '+1.2 pp'
        """
        found = change.difference
        if found is None:
            return ""
        sign = "+" if found > 0 else "\u2212" if found < 0 else "±"
        if unit is Unit.SHARE:
            points = format_decimal(abs(found) * 100, "#,##0.0#", locale=self.locale)
            if abs(found) >= 0.001:
                points = format_decimal(abs(found) * 100, "#,##0.0", locale=self.locale)
            return self.t("say.points", number=f"{sign}{points}")
        if unit is Unit.POINTS or change.relative is None:
            return f"{sign}{self.number(abs(found), unit)}"
        relative = abs(found / (change.value.value or 1))
        return f"{sign}{self.number(relative, Unit.SHARE)}"

    def dimension(self, name: str) -> str:
        """Name a dimension, days and other time buckets among them.

        Example:
            >>> speech("zh").dimension("month"), speech("en").dimension("hour")
            ('月', 'Local hour')
        """
        return self.t(f"grain.{name}") if name in _BUCKETS else self.texts.dimension(name)

    def key(self, dimension: str, value: KeyValue) -> str:
        """Name a group of a dimension.

        Example:
            >>> speech("ru").key("weekday", 1), speech("en").key("hour", 9)
            ('понедельник', '09:00')
        """
        if value is None:
            return self.t("ui.unknown")
        match dimension, value:
            case ("weekday", int()):
                return self.t(f"weekday.{value}")
            case ("hour", int()):
                return f"{value:02d}:00"
        if isinstance(value, bool):
            return self.t("say.yes" if value else "say.no")
        if isinstance(value, dt.datetime):
            return self.moment(value)
        if isinstance(value, dt.date):
            return self.day(value)
        if dimension in _BUCKETS:
            return self.bucket(value, Grain(dimension))
        called = self.names.get(dimension, {}).get(str(value))
        return called or self.texts.words.get(f"group_name.{dimension}.{value}", str(value))

    def bucket(self, label: KeyValue, grain: Grain) -> str:
        """Name a time bucket by its label, as answers carry it.

        Example:
            >>> speech("en").bucket("2026-04-03", Grain.DAY)
            '3 Apr'
        """
        text = str(label)
        try:
            match grain:
                case Grain.DAY | Grain.WEEK:
                    return self.short_day(dt.date.fromisoformat(text[:10]))
                case Grain.MONTH:
                    month = dt.date.fromisoformat(f"{text[:7]}-01")
                    form = "y年M月" if self.language == "zh" else "LLL y"
                    return format_date(month, form, locale=self.locale)
                case Grain.QUARTER | Grain.YEAR:
                    skeleton = "yQQQ" if grain is Grain.QUARTER else "y"
                    first = dt.date.fromisoformat(text[:10])
                    return format_skeleton(skeleton, first, locale=self.locale)
                case Grain.HOUR:
                    hour = dt.datetime.fromisoformat(text)
                    return f"{self.short_day(hour.date())} {hour:%H:%M}"
        except ValueError:
            return text
        return text

    def day(self, day: dt.date) -> str:
        """Write a day with its year."""
        return format_date(day, "d MMM y" if self.language != "zh" else "y年M月d日", self.locale)

    def short_day(self, day: dt.date) -> str:
        """Write a day without its year."""
        return format_date(day, "d MMM" if self.language != "zh" else "M月d日", self.locale)

    def moment(self, at: dt.datetime) -> str:
        """Write a moment, to the minute."""
        form = "d MMM y HH:mm" if self.language != "zh" else "y年M月d日 HH:mm"
        return format_datetime(at, form, locale=self.locale)

    def period(self, period: Period) -> str:
        """Write a range of days with both ends inside, as people say it."""
        last = period.end - dt.timedelta(days=1) if period.end else None
        if period.start and last:
            same_year = period.start.year == last.year
            first = self.short_day(period.start) if same_year else self.day(period.start)
            return f"{first} \u2013 {self.day(last)}"
        if period.start:
            return self.t("say.since", day=self.day(period.start))
        return self.t("say.until", day=self.day(last)) if last else self.t("say.always")

    def _measured(self, value: float, unit: str) -> str:
        digits = 1 if abs(value) < 1000 else 0
        return _tight(
            format_unit(
                round(value, digits),
                unit,
                length=self._length,
                format="#,##0.0" if digits else "#,##0",
                locale=self.locale,
            )
        )

    def _whole(self, value: int, unit: str) -> str:
        said = format_unit(value, f"duration-{unit}", length=self._length, locale=self.locale)
        return _tight(said)

    @property
    def _length(self) -> Literal["narrow", "short"]:
        """The narrow forms of other languages are not words."""
        return "narrow" if self.language == "en" else "short"


@functools.cache
def speech(language: str, currency: str = "") -> Speech:
    """Give how a language says things.

    Raises:
        UsageError: There are no texts in it.
    """
    return Speech(texts(language), Locale.parse(language), currency)


def choose(asked: str, kept: str, accepted: str) -> str:
    """Choose a language.

    Args:
        asked: What the address says.
        kept: What the reader chose before.
        accepted: The browser's Accept-Language.

    Returns:
        The first of them that there are texts in; English when there is none.

    Example:
        >>> choose("", "", "fr-FR,ka;q=0.9,en;q=0.8"), choose("zh", "ru", "")
        ('ka', 'zh')
    """
    weighed = []
    for place, part in enumerate(accepted[:1000].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        weighed.append((-weight, place, tag.partition("-")[0].lower()))
    wanted = (asked, kept, *(tag for _, _, tag in sorted(weighed)))
    return next((language for language in wanted if language in LANGUAGES), "en")


def _decimals(share: float) -> int:
    """Choose how many decimals a percentage needs: a rare thing is not the same as none."""
    size = abs(share)
    return 1 if size >= 0.01 or not size else 2 if size >= 0.0001 else 4


def _tight(text: str) -> str:
    return text.replace(" ", "\xa0") if len(text) < 12 else text
