"""The Python clients, against ``portico broker``; PORTICO_BIN says where it is."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from portico_broker import (  # noqa: E402
    FIRST,
    LAST,
    AsyncClient,
    Client,
    Code,
    Ended,
    JsonService,
    Lost,
    Malformed,
    Message,
    Piece,
    Refused,
    call,
)
from portico_broker.wire import Inbox, send_message  # noqa: E402

KEY = bytes([7]) * 32
SERVICE = """type = "org.example.python"
ports = [2999]
key = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
"""


class Storage(JsonService):
    """Keeps texts."""

    def __init__(self, client: Client, port: int) -> None:
        super().__init__(client, port)
        self._texts: dict[str, str] = {}

    def set(self, key: str, value: str) -> dict[str, bool]:
        self._texts[key] = value
        return {"result": True}

    def get(self, key: str) -> dict[str, object]:
        return {"result": key in self._texts, "value": self._texts.get(key, "")}


class Base(unittest.TestCase):
    """A broker for all of a class's tests, reached over TCP and over its Unix socket."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        services = Path(folder.name, "config/portico/services")
        services.mkdir(parents=True)
        services.joinpath("python.toml").write_text(SERVICE)
        self.path = str(Path(folder.name, "broker.sock"))
        environment = os.environ | {"XDG_CONFIG_HOME": f"{folder.name}/config", "XDG_CONFIG_DIRS": "/nowhere"}
        self.command = [os.environ.get("PORTICO_BIN", "portico"), "broker", "--socket", self.path, "--port"]
        self.environment = environment
        self.start("0")

    def start(self, port: str) -> None:
        self.broker = subprocess.Popen([*self.command, port], env=self.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, self.broker)
        assert self.broker.stdout is not None
        host, _, chosen = self.broker.stdout.readline().split()[2].rpartition(":")
        self.broker.stdout.close()
        self.tcp = (host, int(chosen))

    @staticmethod
    def stop(broker: subprocess.Popen[str]) -> None:
        broker.kill()
        broker.wait()

    def client(self, over: str = "tcp") -> Client:
        client = Client(self.tcp if over == "tcp" else self.path)
        self.addCleanup(client.close)
        return client


class Between:
    """What stands between a client and the broker: it ends each connection after so many bytes of the client's."""

    def __init__(self, broker: tuple[str, int], limits: list[int]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._run, args=(broker, limits))
        self._thread.start()

    def _run(self, broker: tuple[str, int], limits: list[int]) -> None:
        with self._listener:
            for limit in limits:
                client, _ = self._listener.accept()
                with client, socket.create_connection(broker) as to:
                    back = threading.Thread(target=self._copy, args=(to, client, sys.maxsize))
                    back.start()
                    self._copy(client, to, limit)
                    # The broker has noticed the end before the client does.
                    to.shutdown(socket.SHUT_WR)
                    back.join()

    @staticmethod
    def _copy(source: socket.socket, to: socket.socket, limit: int) -> None:
        while limit and (data := source.recv(min(limit, 4096))):
            to.sendall(data)
            limit -= len(data)

    def join(self) -> None:
        self._thread.join()


class Blocking(Base):
    def test_messages_ports_and_reasons(self) -> None:
        for over in ("tcp", "unix"):
            one, two = self.client(over), self.client(over)
            of_one, of_two = one.open(), two.open()
            one.send(of_one, of_two, b"hello")
            self.assertEqual(two.receive(5), Message(of_one, of_two, 1, b"hello"))
            self.assertIsNone(two.receive(0.05))
            self.assertIsNone(two.poll())
            with self.assertRaises(Refused) as refused:
                two.open(of_one)
            self.assertEqual(refused.exception.code, Code.TAKEN)
            tag = one.send(of_one, 3, b"?")
            self.assertEqual(one.receive(5), Lost(of_one, 3, None, tag, 1, Code.NO_SUCH_PORT))
            one.close_port(of_one)
            with self.assertRaises(Refused):
                one.close_port(of_one)

    def test_requests(self) -> None:
        one, two = self.client(), self.client("unix")
        of_one, of_two = one.open(), two.open()

        def serve() -> None:
            def answer(event: object) -> bool:
                assert isinstance(event, Message)
                two.send(event.destination, event.source, event.data.upper())
                return event.data == b"end"

            two.run(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        self.assertEqual(one.request(of_one, of_two, b"hello", 5).data, b"HELLO")
        self.assertEqual(one.request(of_one, of_two, b"end", 5).data, b"END")
        serving.join()
        with self.assertRaises(TimeoutError):
            one.request(of_one, of_two, b"?", 0.05)
        with self.assertRaises(Refused):
            one.request(of_one, 3, b"?", 5)

    def test_long_messages_and_streams(self) -> None:
        one, two = self.client(), self.client("unix")
        of_one, of_two = one.open(), two.open()
        data = bytes(range(251)) * 20_000

        def send() -> None:
            one.send(of_one, of_two, data)
            one.send_stream(of_one, of_two, data)
            one.send_stream(of_one, of_two, b"")
            one.send_piece((of_one, of_two, 99), 0, FIRST, b"half")
            one.close()

        sending = threading.Thread(target=send)
        sending.start()
        message = two.receive(20)
        assert isinstance(message, Message)
        self.assertTrue(message.data == data)
        for expected in (data, b""):
            piece = two.receive(20)
            assert isinstance(piece, Piece)
            self.assertTrue(two.read_stream(piece) == expected)
        piece = two.receive(20)
        assert isinstance(piece, Piece)
        with self.assertRaises(Refused):
            two.read_stream(piece)
        sending.join()

    def test_a_stream_that_fails_says_so(self) -> None:
        one, two = self.client(), self.client()
        of_one, of_two = one.open(), two.open()
        stream = (of_one, of_two, one.begin_stream())
        one.send_piece(stream, 0, FIRST, b"abc")
        two.close_port(of_two)
        with self.assertRaises(Refused) as refused:
            one.send_piece(stream, 3, 0, b"def")
            one.directory()
            one.send_piece(stream, 6, LAST, b"ghi")
        self.assertEqual(refused.exception.code, Code.RECEIVER_GONE)

    def test_two_that_flood_each_other(self) -> None:
        clients = [self.client(), self.client("unix")]
        ports = [client.open() for client in clients]

        came: list[list[bytes]] = [[], []]

        # Each writes all of its own before it reads on purpose: it goes on only because it also reads while it can't write.
        def flood(me: int) -> None:
            for number in range(100):
                clients[me].send(ports[me], ports[1 - me], number.to_bytes(4, "big") + bytes(40_000))
            for _ in range(100):
                message = clients[me].receive(20)
                assert isinstance(message, Message)
                came[me].append(message.data[:4])

        threads = [threading.Thread(target=flood, args=(me,)) for me in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for me in (0, 1):
            self.assertEqual(came[me], [number.to_bytes(4, "big") for number in range(100)])

    @unittest.skipUnless(find_spec("cryptography"), "it signs")
    def test_names_keys_and_rights(self) -> None:
        service, other = self.client(), self.client("unix")
        for client in (service, other):
            with self.assertRaises(Refused) as refused:
                client.open(2999)
            self.assertEqual(refused.exception.code, Code.NOT_PERMITTED)
        with self.assertRaises(Refused):
            other.prove(bytes([8]) * 32)
        with self.assertRaises(Refused):
            other.authenticate()
        service.prove(KEY)
        service.open(2999)
        service.serve("org.example.python", 2999)
        self.assertEqual(other.resolve("org.example.python::x"), 2999)
        with self.assertRaises(Refused) as refused:
            other.resolve("org.example.python:elsewhere:x", 1)
        self.assertEqual(refused.exception.code, Code.UNAVAILABLE)
        secret, own = service.open(private=True), other.open()
        other.send(own, secret, b"?")
        lost = other.receive(5)
        assert isinstance(lost, Lost)
        self.assertEqual(lost.code, Code.NOT_PERMITTED)
        service.send(2999, own, b"take it", right=secret)
        message = other.receive(5)
        assert isinstance(message, Message)
        self.assertEqual(message.right, secret)
        other.send(own, secret, b"thanks")
        message = service.receive(5)
        assert isinstance(message, Message)
        self.assertEqual(message.data, b"thanks")
        other.label("The other\u202e")
        directory = other.directory()
        self.assertEqual([of["label"] for of in directory["connections"]].count("The other"), 1)
        self.assertEqual(directory["services"][0]["type"], "org.example.python")

    def test_the_end_and_again(self) -> None:
        client = self.client()
        kept, taken = client.open(4000), client.open(4001)
        client.label("One")
        self.broker.kill()
        self.broker.wait()
        with self.assertRaises((Ended, ConnectionError)):
            client.receive(20)
        self.start(str(self.tcp[1]))
        self.client().open(taken)
        self.assertEqual(client.reconnect().ports, {taken: Code.TAKEN})
        client.send(kept, kept, b"again")
        self.assertIsInstance(client.receive(5), Message)
        self.assertIn("One", [of["label"] for of in client.directory()["connections"]])

    def test_who_fails_to_connect_again_loses_nothing_by_it(self) -> None:
        # The connection ends when three ports are open, and again in the middle of what opens the second again.
        between = Between(self.tcp, [72, 36, sys.maxsize])
        with Client(between.address) as client:
            taken, one, two = (client.open(port) for port in (4000, 4001, 4002))
            with self.assertRaises((Ended, ConnectionError)):
                client.receive(20)
            self.client().open(taken)
            with self.assertRaises((Ended, ConnectionError)):
                client.reconnect()
            self.assertEqual(client.reconnect().ports, {taken: Code.TAKEN})
            client.send(one, two, b"again")
            self.assertIsInstance(client.receive(5), Message)
        between.join()

    def test_json(self) -> None:
        service, client = self.client(), self.client()
        port, own = service.open(), client.open()
        serving = threading.Thread(target=Storage(service, port).run)
        serving.start()
        self.assertEqual(
            call(client, own, port, "set", key="a", value="b"), {"method": "set", "xid": "xxx", "result": True}
        )
        self.assertEqual(call(client, own, port, "get", key="a")["value"], "b")
        for wrong in ("_answer", "nothing", "run"):
            answer = call(client, own, port, wrong)
            self.assertEqual((answer["result"], answer["xid"]), (False, "xxx"))
        self.assertFalse(call(client, own, port, "get")["result"], "a field is missing")
        for data in (b"no JSON", b"[1]", b"{}", b"\xff"):
            self.assertFalse(json.loads(client.request(own, port, data, 5).data)["result"])
        self.assertTrue(call(client, own, port, "shutdown")["result"])
        serving.join()


class Asynchronous(Base):
    def test_who_fails_to_connect_again_loses_nothing_by_it(self) -> None:
        async def work() -> None:
            async with await AsyncClient.connect(between.address) as client:
                taken, one, two = [await client.open(port) for port in (4000, 4001, 4002)]
                with self.assertRaises((Ended, ConnectionError)):
                    await client.receive(20)
                self.client().open(taken)
                with self.assertRaises((Ended, ConnectionError)):
                    await client.reconnect()
                self.assertEqual((await client.reconnect()).ports, {taken: Code.TAKEN})
                await client.send(one, two, b"again")
                self.assertIsInstance(await client.receive(5), Message)

        between = Between(self.tcp, [72, 36, sys.maxsize])
        asyncio.run(work())
        between.join()

    def test_the_same_with_await(self) -> None:
        async def work() -> None:
            async with await AsyncClient.connect(self.tcp) as one, await AsyncClient.connect(self.path) as two:
                of_one, of_two = await one.open(), await two.open()

                async def serve() -> None:
                    event = await two.receive()
                    assert isinstance(event, Message)
                    await two.send(of_two, event.source, event.data.upper())

                serving = asyncio.ensure_future(serve())
                self.assertEqual((await one.request(of_one, of_two, b"hello", 5)).data, b"HELLO")
                await serving
                self.assertIsNone(await two.receive(0.05))
                self.assertIsNone(await two.receive(0))
                await one.send(of_one, of_two, b"poll")
                await one.directory()
                await asyncio.sleep(0.05)
                self.assertIsInstance(await two.receive(0), Message)
                waiting = asyncio.ensure_future(two.receive(20))
                await asyncio.sleep(0.05)
                await two.send(of_two, of_two, b"while another task waits")
                self.assertIsInstance(await waiting, Message)
                data = bytes(range(251)) * 20_000
                sending = asyncio.ensure_future(one.send_stream(of_one, of_two, data))
                piece = await two.receive(20)
                assert isinstance(piece, Piece)
                self.assertTrue(await two.read_stream(piece) == data)
                await sending
                big = bytes(1 << 20)
                await asyncio.gather(
                    *(client.send(a, b, big) for client, a, b in ((one, of_one, of_two), (two, of_two, of_one)))
                )
                for client in (one, two):
                    message = await client.receive(20)
                    assert isinstance(message, Message)
                    self.assertEqual(len(message.data), 1 << 20)

        asyncio.run(asyncio.wait_for(work(), 60))


class Decoder(unittest.TestCase):
    def test_frames_may_be_cut_anywhere(self) -> None:
        frame = bytearray(send_message(1, 2, 3, b"data") * 2)
        for at in (2, 38):
            frame[at] = 7
        for cut in range(len(frame)):
            inbox = Inbox()
            inbox.feed(bytes(frame[:cut]))
            inbox.feed(bytes(frame[cut:]))
            self.assertEqual(list(inbox.events), [Message(1, 2, 3, b"data")] * 2)

    def test_what_is_no_frame(self) -> None:
        for bad in (b"GET / HTTP/1.1", bytes(8), bytes([0, 8, 99, 0, 0, 0, 0, 8]), bytes([0, 8, 7, 0, 0, 0, 0, 9, 1])):
            with self.assertRaises(Malformed):
                Inbox().feed(bad)


if __name__ == "__main__":
    unittest.main()
