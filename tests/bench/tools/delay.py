#!/usr/bin/env python3
"""delay.py LISTEN TO RTT_MS - a TCP relay on 127.0.0.1 that is like a long link: each byte takes half the round trip, the connection its handshake,
and the bandwidth has no end. (A kernel with netem would do it better; not every one has it.)"""
import asyncio
import sys
import time

LISTEN, TO, HALF = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 2000


async def late(queue, writer):
    while True:
        due, data = await queue.get()
        await asyncio.sleep(max(0, due - time.monotonic()))
        try:
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()
        except OSError:
            return


async def one_way(reader, writer):
    queue = asyncio.Queue()
    task = asyncio.create_task(late(queue, writer))
    data = True
    while data:
        try:
            data = await reader.read(1 << 18)
        except OSError:
            data = b''
        queue.put_nowait((time.monotonic() + HALF, data))
    await task


async def relay(reader, writer):
    await asyncio.sleep(3 * HALF)  # SYN, SYN and ACK, the ACK with the first data
    there, back = await asyncio.open_connection('127.0.0.1', TO)
    await asyncio.gather(one_way(reader, back), one_way(there, writer))
    writer.close()
    back.close()


async def main():
    server = await asyncio.start_server(relay, '127.0.0.1', LISTEN)
    async with server:
        await server.serve_forever()

asyncio.run(main())
