"""An S3 that has every object, and verifies nothing."""

import asyncio
import contextlib
import pathlib
import re

SMALL, LARGE = 4096, 32 << 20
MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


async def store(port_file):
    """An S3 that has every object: a large one at /…/large, otherwise a small one."""
    small, large = bytes(SMALL), bytes(1 << 16)

    async def serve(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, _ = head.split(b" ", 2)
                length = LARGE if b"/large" in path else SMALL
                status, extra = b"200 OK", b""
                if b'if-none-match: "e"' in head.lower():
                    status, length = b"304 Not Modified", 0
                elif found := re.search(rb"\r\nrange: bytes=(\d+)-(\d+)\r\n", head, re.I):
                    first, last = int(found[1]), int(found[2])
                    extra = b"Content-Range: bytes %d-%d/%d\r\n" % (first, last, length)
                    status, length = b"206 Partial Content", last - first + 1
                elif b"/missing" in path:
                    status, length = b"404 Not Found", len(MISSING)
                writer.write(b'HTTP/1.1 %s\r\nETag: "e"\r\n%sContent-Length: %d\r\n\r\n' % (status, extra, length))
                if method != b"HEAD" and status.startswith(b"404"):
                    writer.write(MISSING)
                elif method != b"HEAD" and length:
                    for _ in range(length // len(large)):
                        writer.write(large)
                        await writer.drain()
                    writer.write(small[: length % len(large)])
                await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    pathlib.Path(port_file).write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()
