"""How does a program get a token that is only good for a while?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dialgauge.errors import ForbiddenError, ServerError
from dialgauge.sources.crm.api import Api, Doing, Service

_ENTERING = Doing(refused="check the client_id and the client_secret there, and give both here")


def new_token(service: Service, path: str, form: Mapping[str, str]) -> str:
    """Ask for a token, as OAuth 2 wants it.

    Args:
        service: Who gives it; without credentials.
        path: Where.
        form: The grant, with the secret.

    Raises:
        ForbiddenError: The secret is not accepted.
        ServerError: There is no answer.
    """
    try:
        said = Api(replace(service, doing=_ENTERING)).post_form(path, form)
    except (ForbiddenError, ServerError) as error:
        told = str(error)
        for name, value in form.items():
            if name.endswith("secret"):
                told = told.replace(value, "***")
        if isinstance(error, ForbiddenError) or " with 400" in told:
            raise ForbiddenError(told) from None
        raise ServerError(told) from None
    token = said.get("access_token") if isinstance(said, dict) else None
    if not token:
        raise ServerError(f"{service.system} gave no token; check its address")
    return str(token)
