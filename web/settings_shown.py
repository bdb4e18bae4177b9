"""The settings in force and where each comes from, for programs and for people."""

import falcon
from attrs import frozen

from settings.shown import digest
from web.api import answer_list
from web.edge import Edge
from web.rendering import Templates
from web.sessions import Session
from web.state import standing


@frozen
class SettingsList:
    """GET /api/settings: every value, what decided it, and the variable that overrides it."""

    edge: Edge

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """All values in the order of the model."""
        answer_list(resp, (one.as_object() for one in self.edge.shown))


@frozen
class SettingsPage:
    """GET /settings: the same for people."""

    edge: Edge
    templates: Templates

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The page; it changes nothing."""
        edge, session = self.edge, req.context.caller.session
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.templates.render(
            "settings.html",
            csrf=_csrf(session),
            mode=edge.settings.mode.value.upper(),
            standing=standing(edge, edge.view.current),
            edge=edge,
            settings=edge.shown,
            digest=digest(edge.settings),
        )


def _csrf(session: Session | None) -> str:
    return session.csrf if session else ""
