"""The OAuth pages: consent that one can click, and tokens for a code or a refresh token."""

import secrets
from html import escape
from typing import Final
from uuid import uuid4

from aiohttp import web
from yarl import URL

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.grants import ACCESS_LIFE, consented, logged_in, refreshed
from brokers.schwab.simulator.shell import Handler, answer


CONSENT: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Schwab simulator</title></head><body><h1>Schwab simulator</h1>
<p>An app asks to trade in the simulated accounts {accounts}. No real money is behind them.</p>
<form method="post">{hidden}<button type="submit">Allow</button></form></body></html>"""

DEAD_REFRESH: Final = {
    "error": "unsupported_token_type",
    "error_description": '400 Bad Request: "{"error_description":"Exception while authenticating'
    ' refresh token [tokenDigest=DIGEST]","error":"refresh_token_authentication_error"}"',
}


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of sign-in."""

    async def ask(request: web.Request) -> web.Response:
        if (refused := _misasked(desk, request.query.get("client_id"), request.query)) is not None:
            return refused
        fields = (
            (name, request.query.get(name)) for name in ("client_id", "redirect_uri", "state")
        )
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in fields
            if value is not None
        )
        accounts = ", ".join(desk.world.accounts)
        return web.Response(
            text=CONSENT.format(accounts=accounts, hidden=hidden), content_type="text/html"
        )

    async def consent(request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        if (refused := _misasked(desk, form.get("client_id"), form)) is not None:
            return refused
        code = f"C0.{secrets.token_urlsafe(32)}@"
        desk.grants = consented(desk.grants, code, form["redirect_uri"], desk.now())
        back = URL(form["redirect_uri"])
        # Written out by hand: the code's `@` comes as %40, which yarl would leave as it is.
        query = f"code={code[:-1]}%40&session={uuid4()}"
        if "state" in form:
            query += f"&{URL.build(query={'state': form['state']}).raw_query_string}"
        target = f"{back}{'' if back.path != '/' or str(back).endswith('/') else '/'}?{query}"
        return web.Response(status=302, headers={"Location": target})

    return [
        web.get("/v1/oauth/authorize", ask),
        web.post("/v1/oauth/authorize", consent),
        web.post("/v1/oauth/token", _tokens(desk)),
    ]


def _tokens(desk: Desk) -> Handler:
    async def token(request: web.Request) -> web.Response:
        if not secrets.compare_digest(request.headers.get("Authorization", ""), desk.basic()):
            return answer({"error": "invalid_client"}, status=401)
        form = {key: str(value) for key, value in (await request.post()).items()}
        access, now = f"I0.{secrets.token_urlsafe(32)}@", desk.now()
        if form.get("grant_type") == "authorization_code":
            desk.grants, is_good = logged_in(
                desk.grants,
                form.get("code", ""),
                form.get("redirect_uri", ""),
                access=access,
                refresh=f"{secrets.token_urlsafe(48)}@",
                now=now,
            )
            bad = {"error": "invalid_grant", "error_description": "Invalid authorization code"}
        elif form.get("grant_type") == "refresh_token":
            desk.grants, is_good = refreshed(
                desk.grants, form.get("refresh_token", ""), access=access, now=now
            )
            bad = DEAD_REFRESH
        else:
            is_good, bad = False, {"error": "unsupported_grant_type"}
        if not is_good:
            return answer(bad, status=400)
        return answer(
            {
                "expires_in": int(ACCESS_LIFE.total_seconds()),
                "token_type": "Bearer",
                "scope": "api",
                "refresh_token": desk.grants.refresh,
                "access_token": access,
                "id_token": secrets.token_urlsafe(16),
            }
        )

    return token


def _misasked(desk: Desk, client_id: str | None, told: object) -> web.Response | None:
    redirect = told.get("redirect_uri", "") if hasattr(told, "get") else ""
    if client_id != desk.app_key:
        return answer({"error": "invalid_client"}, status=401)
    if not redirect.startswith("https://"):
        return answer({"error": "invalid_request", "error_description": "redirect_uri"}, status=400)
    return None
