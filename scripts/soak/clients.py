"""Clients that behave, and clients that hang up."""

import asyncio
import base64
import contextlib
import pathlib
import random
import re
import socket
import time

GOOD, ATTACKER = "127.0.0.1", "127.0.0.2"


def basic(user, password="first"):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() + "\r\n"


class Client:
    """Connections to the program from one address."""

    def __init__(self, address, source=GOOD):
        self.host, port = address.rsplit(":", 1)
        self.port, self.source = int(port), source

    async def connect(self, window=None):
        raw = socket.socket()
        if window:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        raw.setblocking(False)
        try:
            raw.bind((self.source, 0))
            await asyncio.get_running_loop().sock_connect(raw, (self.host, self.port))
            return await asyncio.open_connection(sock=raw, limit=1 << 16)
        except BaseException:
            raw.close()
            raise

    async def get(self, path, headers="", method="GET"):
        """The status of one request on a connection of its own."""
        reader, writer = await self.connect()
        try:
            status, length, _ = await ask(reader, writer, path, headers + "Connection: close\r\n", method)
            while await reader.read(1 << 16):
                pass
            return status
        finally:
            writer.transport.abort()


async def ask(reader, writer, path, headers="", method="GET"):
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: files.example.com\r\n{headers}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = re.search(rb"\r\ncontent-length: (\d+)", head)
    return int(head[9:12]), int(length[1]) if length and method != "HEAD" else 0, head


async def load(address, token_file, unexpected):
    """Mixed load on connections that are used again. It may be told to wait, by 429 or 503."""
    client = Client(address)
    token = pathlib.Path(token_file).read_text()
    kinds = [
        ("/basic/x", basic("ci"), "GET", 200),
        ("/basic/x", basic("ci"), "HEAD", 200),
        ("/basic/x", basic("ci") + 'If-None-Match: "e"\r\n', "GET", 304),
        ("/basic/large", basic("ci") + "Range: bytes=10-99999\r\n", "GET", 206),
        ("/basic/missing", basic("ci"), "GET", 404),
        ("/basic/x", "", "GET", 401),
        ("/basic/x", basic("ci"), "PUT", 405),
        ("/tokens/x", f"Authorization: Bearer {token}\r\n", "GET", 200),
        ("/tokens/large", f"Authorization: Bearer {token}\r\n", "GET", 200),
        ("/people/x", "Accept: text/html\r\n", "GET", 302),
        ("/people/oauth2/logout", "", "GET", 200),
        ("/people/oauth2/callback?code=x&state=y", "", "GET", 403),
    ]

    async def worker():
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await client.connect()
                for _ in range(20):
                    path, headers, method, expected = random.choice(kinds)
                    status, length, _ = await ask(reader, writer, path, headers, method)
                    if status not in (expected, 429, 503):
                        with open(unexpected, "a") as file:
                            print(f"{method} {path}: {status}, not {expected}", file=file)
                    while length:
                        part = await reader.read(min(length, 1 << 16))
                        if not part:
                            raise OSError("cut short")
                        length -= len(part)
                    await asyncio.sleep(0.3)
                writer.close()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(worker() for _ in range(8)))


async def aborts(address, number, seconds):
    """Clients that hang up: before the head is whole, after it, and within a large object."""
    number, seconds = int(number), int(seconds)
    client = Client(address)

    async def one(at):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await client.connect()
            head = f"GET /basic/large HTTP/1.1\r\nHost: h\r\n{basic('ci')}\r\n".encode()
            writer.write(head[: len(head) // 2] if at == 0 else head)
            if at == 2:
                await reader.readexactly(random.randrange(1, 200_000))
            writer.transport.abort()

    begun = time.monotonic()
    for done in range(number):
        await asyncio.sleep(max(0, begun + done * seconds / number - time.monotonic()))
        await one(done % 3)
    print(f"{number} aborts", flush=True)
    await asyncio.Event().wait()
