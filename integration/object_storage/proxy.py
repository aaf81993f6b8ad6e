"""A proxy before an S3-compatible store, on 127.0.0.1, that goes wrong on purpose.

It checks every request as AWS does, which the store behind it does not: the signature, and that the body is what its SHA-256 says. What
goes wrong is for `fault(request)` to say: it gets each request that is right, and gives back the name of a fault, or None.
"""

import hashlib
import hmac
import http.client
import http.server
import socket
import struct
import threading
import urllib.parse
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime

SECRET = "s3cr3t/Key+of-the-tests"
KEY_ID = "AKIDTEST"
CONDITIONS = ("if-none-match", "if-match")


@dataclass
class Request:
    """What came, and how many came before it."""

    number: int
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def key(self):
        return urllib.parse.unquote(self.path).split("/", 2)[-1]

    @property
    def kind(self):
        """The operation, in a word."""
        if "uploads" in self.query:
            return "begin" if self.method == "POST" else "uploads"
        if "uploadId" in self.query:
            return {"PUT": "part", "POST": "complete", "DELETE": "abort", "GET": "parts"}[self.method]
        if "list-type" in self.query:
            return "list"
        return self.method.lower()


@dataclass
class Proxy:
    port_behind: int
    fault: object = lambda request: None
    # Seconds that the store's clock is ahead when it tells the time beside an object: a lease has passed at once.
    clock: int = 0
    secrets: dict = field(default_factory=lambda: {KEY_ID: SECRET})
    log: list = field(default_factory=list)

    def __post_init__(self):
        self.lock = threading.Lock()
        self.isIdle, self.busy = threading.Condition(self.lock), 0
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                with proxy.lock:
                    proxy.busy += 1
                try:
                    proxy.serve(self)
                finally:
                    with proxy.lock:
                        proxy.busy -= 1
                        proxy.isIdle.notify_all()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # Of a command that ended in the middle.
        self.server.handle_error = lambda *connection: None
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def reset(self, fault=lambda request: None, clock=0):
        """Forgets what came, and goes wrong in another way."""
        with self.lock:
            self.fault, self.clock, self.log = fault, clock, []

    def rest(self):
        """Waits for what a command that died had under way: it is heard, or not, but it is over."""
        with self.lock:
            self.isIdle.wait_for(lambda: self.busy == 0, 60)

    def serve(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        path, _, text = handler.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(0, handler.command, path, query, headers, b"")
        with self.lock:
            request.number = len(self.log)
            self.log.append(request)
            fault = self.fault(request)
        if fault == "cut upload":
            handler.rfile.read(length // 2)
            return self.reset_connection(handler)
        request.body = handler.rfile.read(length)
        if fault == "flip" and length:
            # A bit that turned on the way: the store sees it by the checksum.
            request.body = request.body[:-1] + bytes([request.body[-1] ^ 1])
        if wrong := self.wrong(request, text):
            return self.error(handler, *wrong)
        if fault == "reset":
            return self.reset_connection(handler)
        if isinstance(fault, tuple):
            return self.error(handler, *fault)
        if callable(fault):
            fault()
        if fault == "no conditions":
            headers = {name: value for name, value in headers.items() if name not in CONDITIONS}
        status, reason, answer, body = self.forward(request, headers, handler.path)
        if fault == "lost answer":
            return self.reset_connection(handler)
        if self.clock and "last-modified" in answer:
            now = parsedate_to_datetime(answer["date"]).timestamp() + self.clock
            answer["date"] = formatdate(now, usegmt=True)
        if fault == "error after 200":
            body = b"<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>try again</Message></Error>"
        handler.send_response_only(status, reason)
        for name, value in answer.items():
            if name not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(name, value)
        size = answer.get("content-length", "0") if request.method == "HEAD" else str(len(body))
        handler.send_header("Content-Length", size)
        handler.end_headers()
        if fault == "cut answer":
            handler.wfile.write(body[: len(body) // 2])
            return self.reset_connection(handler)
        if request.method != "HEAD":
            handler.wfile.write(body)

    def forward(self, request, headers, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port_behind, timeout=120)
        sent = {name: value for name, value in headers.items() if name not in ("connection", "host")}
        sent["host"] = f"127.0.0.1:{self.port_behind}"
        connection.request(request.method, target, request.body, sent)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.reason, {name.lower(): value for name, value in answer.getheaders()}, body

    def wrong(self, request, text):
        """What AWS would refuse: a signature that is another, a body that is not what was signed."""
        authorization = request.headers.get("authorization", "")
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return None  # The exchange of a token is not signed.
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return 403, "AccessDenied"
        parts = dict(part.strip().split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        key_id, day, region, service, _ = parts["Credential"].split("/")
        secret = self.secrets.get(key_id)
        if secret is None:
            return 403, "InvalidAccessKeyId"
        names = parts["SignedHeaders"].split(";")
        if "host" not in names or any(name.startswith("x-amz-") and name not in names for name in request.headers):
            return 403, "AccessDenied"
        query = "&".join(sorted(part if "=" in part else part + "=" for part in text.split("&") if part))
        canonical = "\n".join([
            request.method, request.path, query, "".join(f"{name}:{request.headers[name].strip()}\n" for name in names),
            ";".join(names), request.headers["x-amz-content-sha256"]])
        scope = f"{day}/{region}/{service}/aws4_request"
        to_sign = "\n".join([
            "AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + secret).encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest() != parts["Signature"]:
            return 403, "SignatureDoesNotMatch"
        if hashlib.sha256(request.body).hexdigest() != request.headers["x-amz-content-sha256"]:
            return 400, "XAmzContentSHA256Mismatch"
        return None

    def error(self, handler, status, code):
        body = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()
        handler.send_response_only(status, code)
        handler.send_header("Content-Type", "application/xml")
        handler.send_header("Content-Length", "0" if handler.command == "HEAD" else str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def reset_connection(self, handler):
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
