"""REST: answers to interactions: the first within three seconds, the rest within fifteen minutes."""

from __future__ import annotations

from aiohttp import web

from tests.discord_wire import posting
from tests.discord_wire.errors import Json, Refused
from tests.discord_wire.form_limits import modal_errors
from tests.discord_wire.limits import autocomplete_errors
from tests.discord_wire.payloads import message_json
from tests.discord_wire.rest import Ask, Rest
from tests.discord_wire.state import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    EPHEMERAL,
    LOADING,
    MODAL_SUBMIT,
    Interaction,
    Message,
    User,
)

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
FITTING = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFER},
}
INTO_THE_SOURCE = {DEFER_UPDATE, UPDATE}


class Interactions:
    """The handlers; `deadline` and `lifetime` are in seconds of the server's clock."""

    def __init__(self, rest: Rest) -> None:
        self.world = rest.world
        self.deadline = 3.0
        self.lifetime = 900.0
        self.guest_followups = 5  # where the app isn't in the guild

    def mount(self, rest: Rest, app: web.Application) -> None:
        hook = "/webhooks/{application}/{token}"
        rest.add(app, "POST", "/interactions/{interaction}/{token}/callback", self.callback)
        rest.add(app, "POST", hook, self.followup)
        rest.add(app, "GET", hook + "/messages/{message}", self.message)
        rest.add(app, "PATCH", hook + "/messages/{message}", self.edit)
        rest.add(app, "DELETE", hook + "/messages/{message}", self.delete)

    async def callback(self, ask: Ask) -> Json | None:
        done = self.world.interactions.get(ask.id("interaction"))
        if done is None or done.token != ask.text("token"):
            raise Refused(10062)
        try:
            await self._first(done, ask)
        except Refused as refused:
            done.refusals.append(refused.code)
            raise
        if ask.query.get("with_response") not in {"1", "true"}:
            return None
        told: Json = {"id": str(done.id), "type": done.kind}
        answer: Json = {"interaction": told}
        if done.response is not None:
            told |= {"response_message_id": str(done.response.id), "response_message_loading": done.response.loading}
            told["response_message_ephemeral"] = done.response.ephemeral
            answer["resource"] = {"type": done.callback, "message": message_json(done.response)}
        return answer

    async def _first(self, done: Interaction, ask: Ask) -> None:
        if done.acknowledged:
            raise Refused(40060)
        if self.world.clock.now() - done.at > self.deadline:
            raise Refused(10062)
        kind = (ask.body or {}).get("type")
        data: Json = (ask.body or {}).get("data") or {}
        fitting = FITTING[done.kind] | (INTO_THE_SOURCE if done.source is not None else set())
        if kind not in fitting:
            raise Refused(50035, [f"type: {kind} does not fit this interaction."])
        if done.channel.locked and done.channel.archived:
            raise Refused(50083)
        errors: list[str] = []
        if kind == CHOICES:
            errors = autocomplete_errors(data.get("choices") or [])
            done.choices = None if errors else data.get("choices") or []
        elif kind == MODAL:
            errors = modal_errors(data)
            done.modal = None if errors else data
        if errors:
            raise Refused(50035, [f"data.{error}" for error in errors])
        if kind in {MESSAGE, DEFER}:
            await self._respond(done, data, ask.files, loads=kind == DEFER)
        elif kind in INTO_THE_SOURCE:
            assert done.source is not None
            if kind == UPDATE:
                posting.change(self.world, done.source, data, ask.files)
                await self.world.changed(done.source)
            done.response = done.source
        done.callback, done.acknowledged_at = kind, self.world.clock.now()

    async def _respond(self, done: Interaction, data: Json, files: posting.Files, *, loads: bool) -> None:
        only_for = self._reader(done, data)
        if loads:
            flags = LOADING | (EPHEMERAL if only_for else 0)
            message = Message(
                self.world.new_id(), done.channel, self.world.bot, flags=flags, kind=20 if done.kind == COMMAND else 0
            )
            message.at, message.only_for, message.interaction = self.world.clock.now(), only_for, done
        else:
            message = posting.make(self.world, done.channel, data, files, interaction=done, only_for=only_for)
        done.response = message
        await posting.wake(self.world, done.channel)
        await self.world.posted(message)

    def _reader(self, done: Interaction, data: Json) -> User | None:
        return done.user if (data.get("flags") or 0) & EPHEMERAL else None

    def _open(self, ask: Ask) -> Interaction:
        """The interaction of the token, acknowledged and not yet expired."""
        done = self.world.tokens.get(ask.text("token"))
        if ask.id("application") != self.world.bot.id or done is None or not done.acknowledged:
            raise Refused(10015)
        if self.world.clock.now() - done.at > self.lifetime:
            raise Refused(50027)
        return done

    def _message(self, done: Interaction, ask: Ask) -> Message:
        name = ask.text("message")
        if name == "@original":
            message = done.response
        else:
            known = [*done.followups, *([done.response] if done.response else [])]
            message = next((m for m in known if str(m.id) == name), None)
        if message is None or message.deleted or done.channel.deleted:
            raise Refused(10008)
        return message

    async def followup(self, ask: Ask) -> Json:
        """A further message; the first after a deferral takes the place of "thinking", and its visibility."""
        done = self._open(ask)
        body: Json = ask.body or {}
        if done.channel.deleted:
            raise Refused(10003)
        if done.channel.locked and done.channel.archived:
            raise Refused(50083)
        if done.callback == DEFER and done.response is not None and done.response.loading and not done.response.deleted:
            posting.change(self.world, done.response, body, ask.files)
            await self.world.changed(done.response)
            return message_json(done.response)
        guest = done.channel.guild is not None and not done.channel.guild.present
        if guest and len(done.followups) >= self.guest_followups:
            raise Refused(40094)
        message = posting.make(
            self.world, done.channel, body, ask.files, interaction=done, only_for=self._reader(done, body)
        )
        done.followups.append(message)
        await posting.wake(self.world, done.channel)
        await self.world.posted(message)
        return message_json(message)

    async def message(self, ask: Ask) -> Json:
        return message_json(self._message(self._open(ask), ask))

    async def edit(self, ask: Ask) -> Json:
        done = self._open(ask)
        message = self._message(done, ask)
        if done.channel.archived:
            raise Refused(50083)
        posting.change(self.world, message, ask.body or {}, ask.files)
        await self.world.changed(message)
        return message_json(message)

    async def delete(self, ask: Ask) -> None:
        await self.world.delete_message(self._message(self._open(ask), ask))
