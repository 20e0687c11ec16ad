"""The gateway: websockets on which Discord tells a client what happens, with sessions that outlive a connection."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.discord_wire.payloads import guild_json, seat_json, user_json
from tests.discord_wire.state import Guild, Json

if TYPE_CHECKING:
    from tests.discord_wire.world import World

GUILDS, MEMBERS, PRESENCES, GUILD_MESSAGES = 1 << 0, 1 << 1, 1 << 8, 1 << 9
DIRECT_MESSAGES, CONTENT = 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT


@dataclass(eq=False)
class Session:
    """One IDENTIFY and what was sent in it; it can be resumed until Discord forgets it."""

    id: str
    shard: tuple[int, int]
    intents: int
    socket: Socket | None = None
    sent: list[tuple[int, str, str]] = field(default_factory=list, repr=False)

    @property
    def names(self) -> list[str]:
        """The events of the session by name, in order, also those that wait for a resume."""
        return [name for _, name, _ in self.sent]


class Socket:
    """One websocket connection; compresses as the client asked."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.request = request
        self.ws = ws
        # zstd-stream is answered in plain text, which every client takes too.
        self.deflate = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self.session: Session | None = None
        self.heartbeats = 0
        self.closed_here = False

    async def send(self, payload: Json | str) -> None:
        if self.ws.closed:
            return
        text = payload if isinstance(payload, str) else json.dumps(payload)
        try:
            if self.deflate is None:
                await self.ws.send_str(text)
            else:
                data = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(data)
        except ConnectionError:
            pass  # the client left; its session keeps the event for a resume

    async def close(self, code: int | None) -> None:
        """Closes with a code, or cuts the connection without a word."""
        self.closed_here = True
        if code is None:
            if self.request.transport is not None:
                self.request.transport.abort()
        else:
            await self.ws.close(code=code)


@dataclass(frozen=True)
class Identify:
    """One accepted IDENTIFY: when, for which shard, with which intents."""

    at: float
    shard: tuple[int, int]
    intents: int


class Gateway:
    """All sessions; the knobs are plain attributes that a test sets before the client connects."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.heartbeat = 41.25  # seconds, as Discord's
        self.acknowledges = True  # False plays a zombie connection: open, and deaf
        self.allowed = 0  # the privileged intents that the operator has switched on
        self.shards = 1  # recommended by GET /gateway/bot
        self.max_concurrency = 1
        self.identify_gap = 0.0  # seconds between two IDENTIFY of a bucket; Discord's is 5
        self.required_shards = 1
        self.identifies: list[Identify] = []
        self.resumes = 0
        self.sessions: dict[str, Session] = {}
        self.sockets: list[Socket] = []
        self.received: list[Json] = []
        self.urls: list[str] = []
        self._lock = asyncio.Lock()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        socket = Socket(request, ws)
        self.sockets.append(socket)
        self.urls.append(str(request.rel_url))
        try:
            if request.query.get("v") not in {"9", "10"} or request.query.get("encoding") != "json":
                await socket.close(4012)
                return ws
            await socket.send({"op": 10, "d": {"heartbeat_interval": int(self.heartbeat * 1000)}, "s": None, "t": None})
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    await self._receive(socket, json.loads(message.data))
        finally:
            self.sockets.remove(socket)
            if socket.session is not None and socket.session.socket is socket:
                socket.session.socket = None
                if (
                    ws.close_code in {1000, 1001} and not socket.closed_here
                ):  # a client that says goodbye ends its session
                    self.sessions.pop(socket.session.id, None)
        return ws

    async def _receive(self, socket: Socket, payload: Json) -> None:
        self.received.append(payload)
        match payload.get("op"):
            case 1:
                socket.heartbeats += 1
                if self.acknowledges:
                    await socket.send({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                await self._identify(socket, payload["d"])
            case 6:
                await self._resume(socket, payload["d"])
            case 3 | 4 | 8 if socket.session is not None:
                if payload["op"] == 8:
                    await self._members(socket.session, payload["d"])
            case 3 | 4 | 8:
                await socket.close(4003)
            case _:
                await socket.close(4001)

    async def _identify(self, socket: Socket, asked: Json) -> None:
        intents = int(asked.get("intents", 0))
        number, count = asked.get("shard") or (0, 1)
        now = self.world.clock.now()
        close = None
        if socket.session is not None:
            close = 4005
        elif asked.get("token") != self.token:
            close = 4004
        elif not 0 <= number < count:
            close = 4010
        elif count < self.required_shards:
            close = 4011
        elif intents >> 26:
            close = 4013
        elif intents & PRIVILEGED & ~self.allowed:
            close = 4014
        if close is not None:
            await socket.close(close)
            return
        same = [one for one in self.identifies if one.shard[0] % self.max_concurrency == number % self.max_concurrency]
        if same and now - same[-1].at < self.identify_gap:
            await socket.send({"op": 9, "d": False, "s": None, "t": None})
            return
        self.identifies.append(Identify(now, (number, count), intents))
        session = socket.session = Session(secrets.token_hex(16), (number, count), intents, socket)
        self.sessions[session.id] = session
        guilds = [guild for guild in self.world.guilds.values() if guild.present and self._owns(session, guild.id)]
        ready = {
            "v": 10,
            "user": user_json(self.world.bot) | {"verified": True, "mfa_enabled": True, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": f"{self.world.ws_base}/resume",
            "session_type": "normal",
            "shard": [number, count],
            "application": {"id": str(self.world.bot.id), "flags": 0},
            "private_channels": [],
            "relationships": [],
            "user_settings": {},
        }
        await self._push(session, "READY", ready)
        for guild in guilds:
            if guild.available and intents & GUILDS:
                await self._push(session, "GUILD_CREATE", guild_json(guild, self.world.bot))

    async def _resume(self, socket: Socket, asked: Json) -> None:
        session = self.sessions.get(asked.get("session_id", ""))
        if asked.get("token") != self.token:
            await socket.close(4004)
        elif session is None or not isinstance(asked.get("seq"), int) or asked["seq"] > len(session.sent):
            await socket.send({"op": 9, "d": False, "s": None, "t": None})
        else:
            self.resumes += 1
            async with self._lock:
                socket.session, session.socket = session, socket
                for number, _, text in session.sent[asked["seq"] :]:
                    assert number > asked["seq"]
                    await socket.send(text)
            await self._push(session, "RESUMED", {"_trace": []})

    async def _members(self, session: Session, asked: Json) -> None:
        """Answers a request for members, in one chunk."""
        guild = self.world.guilds[int(asked["guild_id"])]
        wanted = asked.get("user_ids")
        ids = None if wanted is None else {int(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        query = (asked.get("query") or "").lower()
        if ids is None and not query and not session.intents & MEMBERS:
            seats = [guild.seats[self.world.bot.id]]  # without the intent nobody else is listed
        else:
            seats = [s for s in guild.seats.values() if ids is None or s.user.id in ids]
            seats = [s for s in seats if s.user.name.lower().startswith(query)]
        chunk = {"guild_id": str(guild.id), "members": [seat_json(s) for s in seats], "chunk_index": 0}
        await self._push(session, "GUILD_MEMBERS_CHUNK", chunk | {"chunk_count": 1, "nonce": asked.get("nonce")})

    def _owns(self, session: Session, guild_id: int | None) -> bool:
        return (guild_id >> 22) % session.shard[1] == session.shard[0] if guild_id else session.shard[0] == 0

    async def _push(self, session: Session, name: str, data: Json) -> None:
        async with self._lock:
            number = len(session.sent) + 1
            text = json.dumps({"op": 0, "t": name, "s": number, "d": data})
            session.sent.append((number, name, text))
            if session.socket is not None:
                await session.socket.send(text)

    async def tell(
        self, name: str, data: Json, guild: Guild | None, *, intent: int = 0, bare: Json | None = None
    ) -> int:
        """Sends an event to each session that should have it, and returns their number.

        `bare` replaces the data for sessions without the message-content intent.
        """
        sessions = [s for s in list(self.sessions.values()) if self._owns(s, guild.id if guild else None)]
        sessions = [s for s in sessions if s.intents & intent or not intent]
        for session in sessions:
            await self._push(session, name, data if bare is None or session.intents & CONTENT else bare)
        return len(sessions)

    async def drop(self, code: int | None = None, *, shard: int | None = None) -> None:
        """Ends the connections, with a close code or by cutting them; the sessions can be resumed."""
        for socket in list(self.sockets):
            if shard is None or (socket.session and socket.session.shard[0] == shard):
                await socket.close(code)

    async def ask_reconnect(self) -> None:
        """Op 7: the client should come back and resume."""
        await self._say({"op": 7, "d": None, "s": None, "t": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: the sessions are over, unless resumable."""
        if not resumable:
            self.sessions.clear()
        await self._say({"op": 9, "d": resumable, "s": None, "t": None})

    async def ask_heartbeat(self) -> None:
        """Op 1 from the server: the client must beat at once."""
        await self._say({"op": 1, "d": None, "s": None, "t": None})

    async def _say(self, payload: dict[str, Any]) -> None:
        for socket in list(self.sockets):
            await socket.send(payload)
