"""REST: who the bot is, where its gateway is, and which commands it has."""

from __future__ import annotations

from copy import deepcopy

from aiohttp import web

from tests.discord_wire.errors import Json, Refused
from tests.discord_wire.form_limits import command_errors, commands_errors
from tests.discord_wire.payloads import user_json
from tests.discord_wire.rest import Ask, Rest


class Application:
    """The handlers, by what they do."""

    def __init__(self, rest: Rest) -> None:
        self.world = rest.world
        self.starts_left = 1000

    def mount(self, rest: Rest, app: web.Application) -> None:
        rest.add(app, "GET", "/users/@me", self.me)
        rest.add(app, "GET", "/users/{user}", self.user)
        rest.add(app, "GET", "/oauth2/applications/@me", self.application)
        rest.add(app, "GET", "/applications/@me", self.application)
        rest.add(app, "GET", "/gateway", self.gateway)
        rest.add(app, "GET", "/gateway/bot", self.gateway)
        base = "/applications/{application}"
        for place in (f"{base}/commands", f"{base}/guilds/{{guild}}/commands"):
            rest.add(app, "GET", place, self.commands)
            rest.add(app, "PUT", place, self.overwrite)
            rest.add(app, "POST", place, self.upsert)
            rest.add(app, "GET", place + "/{command}", self.command)
            rest.add(app, "PATCH", place + "/{command}", self.edit_command)
            rest.add(app, "DELETE", place + "/{command}", self.delete_command)

    async def me(self, ask: Ask) -> Json:
        return user_json(self.world.bot) | {"verified": True, "mfa_enabled": True, "flags": 0}

    async def user(self, ask: Ask) -> Json:
        user = self.world.users.get(ask.id("user"))
        if user is None:
            raise Refused(10013)
        return user_json(user)

    async def application(self, ask: Ask) -> Json:
        return self.world.application_json()

    async def gateway(self, ask: Ask) -> Json:
        found: Json = {"url": f"{self.world.ws_base}/gateway"}
        if ask.request.path.endswith("/bot"):
            gateway = self.world.gateway
            left = max(0, self.starts_left - len(gateway.identifies))
            limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000}
            limit["max_concurrency"] = gateway.max_concurrency
            found |= {"shards": gateway.shards, "session_start_limit": limit}
        return found

    def _place(self, ask: Ask) -> int | None:
        """The guild whose commands are meant, or None for those of everywhere."""
        if ask.id("application") != self.world.bot.id:
            raise Refused(10063)
        if "guild" not in ask.request.match_info:
            return None
        guild = self.world.guilds.get(ask.id("guild"))
        if guild is None or not guild.present:
            raise Refused(50001)
        return guild.id

    def _registered(self, place: int | None, command: Json) -> Json:
        """A command as Discord keeps it: with its id, which a command of the same kind and name passes on."""
        kind = command.get("type") or 1
        before = [c for c in self.world.commands.get(place, []) if (c["type"], c["name"]) == (kind, command["name"])]
        found: Json = {
            "id": before[0]["id"] if before else str(self.world.new_id()),
            "application_id": str(self.world.bot.id),
            "version": str(self.world.new_id()),
            "type": kind,
            "description": "",
            "default_member_permissions": None,
            "nsfw": False,
            "integration_types": [0],
            "contexts": None,
            "options": [],
        }
        found |= {name: value for name, value in deepcopy(command).items() if name != "id"}
        return found | ({} if place is None else {"guild_id": str(place)})

    async def commands(self, ask: Ask) -> list[Json]:
        commands = deepcopy(self.world.commands.get(self._place(ask), []))
        if ask.query.get("with_localizations") not in {"1", "true"}:
            for command in commands:
                for name in ("name_localizations", "description_localizations"):
                    command.pop(name, None)
        return commands

    async def overwrite(self, ask: Ask) -> list[Json]:
        place = self._place(ask)
        errors = commands_errors(ask.body)
        if errors:
            raise Refused(50035, errors)
        self.world.commands[place] = [self._registered(place, command) for command in ask.body]
        return self.world.commands[place]

    async def upsert(self, ask: Ask) -> Json:
        place = self._place(ask)
        errors = command_errors(ask.body)
        if errors:
            raise Refused(50035, errors)
        made = self._registered(place, ask.body)
        rest = [command for command in self.world.commands.get(place, []) if command["id"] != made["id"]]
        self.world.commands[place] = [*rest, made]
        return made

    def _one(self, ask: Ask) -> tuple[int | None, Json]:
        place = self._place(ask)
        for command in self.world.commands.get(place, []):
            if command["id"] == ask.text("command"):
                return place, command
        raise Refused(10063)

    async def command(self, ask: Ask) -> Json:
        return self._one(ask)[1]

    async def edit_command(self, ask: Ask) -> Json:
        _, command = self._one(ask)
        errors = command_errors({**command, **ask.body})
        if errors:
            raise Refused(50035, errors)
        command |= ask.body | {"version": str(self.world.new_id())}
        return command

    async def delete_command(self, ask: Ask) -> None:
        place, command = self._one(ask)
        self.world.commands[place].remove(command)
