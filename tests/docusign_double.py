"""A server on loopback that answers as DocuSign does, as far as we use it.

`tests/test_docusign_double.py` drives it with DocuSign's own package, so that it is not merely what
our client expects. It keeps its own truth: tokens are checked, anchors must be in the document,
states move only as they do there, limits are told.
"""

import base64
import hashlib
import hmac
import io
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from tempfile import NamedTemporaryFile
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pypdf import PdfReader

ACCOUNT, USER, KEY = (
    "11111111-aaaa-4aaa-8aaa-111111111111",
    "22222222-bbbb-4bbb-8bbb-222222222222",
    "33333333-cccc-4ccc-8ccc-333333333333",
)
ROOT = f"/restapi/v2.1/accounts/{ACCOUNT}/envelopes"
_MOVES = {"created": {"sent"}, "sent": {"voided"}, "delivered": {"voided"}}


def new_key():
    """An RSA private key in PEM."""
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


@dataclass
class Envelope:
    """One envelope, as the service knows it."""

    id: str
    transaction: str
    document: bytes
    subject: str
    signer: dict
    notification: dict
    status: str = "created"
    reason: str = ""
    signed_at: str = ""
    signed: bytes = b""


@dataclass
class DocuSignDouble:
    """The service: its accounts, envelopes, and the faults it is told to have."""

    private_key: str
    with_tls: bool = False
    has_consent: bool = True
    is_down: bool = False
    #: Calls left before the limit; None for no limit.
    calls_left: int | None = None
    #: Make the envelope, and lose the answer.
    loses_answers: bool = False
    #: What is handed over instead of the signed document: "truncated", "unsigned" or "short".
    hands_over: str = ""
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.double = self
        self.certificate = ""
        if self.with_tls:
            self._wrap()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self):
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self):
        return f"{'https' if self.with_tls else 'http'}://{self.host}"

    @property
    def public_key(self):
        key = serialization.load_pem_private_key(self.private_key.encode(), None)
        return key.public_key()

    def only(self):
        (envelope,) = self.envelopes.values()
        return envelope

    def sign(self, envelope):
        """What the signer does."""
        assert envelope.status in {"sent", "delivered"}
        envelope.status, envelope.signed_at = "completed", _now()
        envelope.signed = signed_pdf(envelope.document, envelope.signer["name"])

    def decline(self, envelope, reason):
        assert envelope.status in {"sent", "delivered"}
        envelope.status, envelope.reason = "declined", reason

    def call_back(self, url, envelope, secrets, *, event=None):
        """Connect's call about an envelope, signed with each key; the answer."""
        event = event or envelope.status
        body = json.dumps(
            {
                "event": f"envelope-{event}",
                "apiVersion": "v2.1",
                "uri": f"/restapi/v2.1/accounts/{ACCOUNT}/envelopes/{envelope.id}",
                "retryCount": 0,
                "configurationId": 10001,
                "generatedDateTime": _now(),
                "data": {
                    "accountId": ACCOUNT,
                    "userId": USER,
                    "envelopeId": envelope.id,
                    "envelopeSummary": {"status": event, "voidedReason": envelope.reason},
                },
            }
        ).encode()
        return httpx.post(url, content=body, headers=connect_headers(body, secrets), timeout=10)

    def _wrap(self):
        key, self.certificate = _certificate()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(key + self.certificate)
            file.flush()
            context.load_cert_chain(file.name)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)


def connect_headers(body, secrets):
    """The signatures that Connect adds, one for each active key."""
    signatures = (
        base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        for secret in secrets
    )
    return {
        "Content-Type": "application/json",
        "X-Authorization-Digest": "HMACSHA256",
        **{f"X-DocuSign-Signature-{n}": text for n, text in enumerate(signatures, 1)},
    }


def signed_pdf(document, name):
    """The document with a signature field that holds a signature over the file."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        page = pdf.pages[0]
        field_ = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T=f"Signature of {name}",
                Rect=[0, 0, 0, 0],
                F=132,
                P=page.obj,
                V=pikepdf.Dictionary(
                    Type=pikepdf.Name.Sig,
                    Filter=pikepdf.Name("/Adobe.PPKLite"),
                    SubFilter=pikepdf.Name("/adbe.pkcs7.detached"),
                    ByteRange=[0, 100, 200, 100],
                    Contents=b"\x30\x82" + b"\0" * 64,
                    Name=name,
                ),
            )
        )
        page.obj.Annots = pdf.make_indirect(pikepdf.Array([field_]))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field_], SigFlags=3)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Tests read `calls` instead."""

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    def do_GET(self):
        self._answer("GET")

    def do_POST(self):
        self._answer("POST")

    def do_PUT(self):
        self._answer("PUT")

    def _answer(self, method):
        double = self.server.double
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        double.calls.append(f"{method} {address.path}")
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if double.is_down:
            self._say(503, b"<html>Service Unavailable</html>", "text/html")
        elif address.path == "/oauth/token":
            self._token(parse_qs(body.decode()))
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in double.tokens:
            self._refuse(401, "USER_AUTHENTICATION_FAILED", "Invalid access token.")
        elif address.path == "/oauth/userinfo":
            self._json(200, self._userinfo())
        elif not self._is_within_limit():
            reset = {"X-RateLimit-Reset": str(int(time.time()) + 600)}
            code = "HOURLY_APIINVOCATION_LIMIT_EXCEEDED"
            self._refuse(429, code, "The maximum number of hourly calls is used up.", reset)
        elif not address.path.startswith(ROOT):
            self._refuse(404, "RESOURCE_NOT_FOUND", "No such resource.")
        else:
            parts = [part for part in address.path.removeprefix(ROOT).split("/") if part]
            self._envelopes(method, parts, query, body)

    def _is_within_limit(self):
        double = self.server.double
        if double.calls_left is not None:
            double.calls_left -= 1
        return double.calls_left is None or double.calls_left >= 0

    def _token(self, form):
        double = self.server.double
        if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return self._json(400, {"error": "unsupported_grant_type"})
        (assertion,) = form["assertion"]
        claims = jwt.decode(assertion, options={"verify_signature": False})
        if claims["iss"] != KEY:
            return self._json(
                400, {"error": "invalid_grant", "error_description": "issuer_not_found"}
            )
        if claims["sub"] != USER:
            return self._json(
                400, {"error": "invalid_grant", "error_description": "user_not_found"}
            )
        try:
            jwt.decode(assertion, double.public_key, algorithms=["RS256"], audience=double.host)
        except jwt.InvalidSignatureError:
            return self._json(
                400, {"error": "invalid_grant", "error_description": "no_valid_keys_or_signatures"}
            )
        assert "signature" in claims["scope"].split()
        if not double.has_consent:
            return self._json(400, {"error": "consent_required"})
        token = uuid4().hex
        double.tokens.add(token)
        return self._json(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _userinfo(self):
        account = {
            "account_id": ACCOUNT,
            "is_default": True,
            "account_name": "Harbor Builders",
            "base_uri": self.server.double.url,
        }
        return {"sub": USER, "name": "Alice Adams", "accounts": [account]}

    def _envelopes(self, method, parts, query, body):
        double = self.server.double
        every = double.envelopes.values()
        if (method, parts) == ("POST", []):
            self._create(json.loads(body))
        elif (method, parts) == ("GET", []):
            wanted = query.get("transaction_ids", "").split(",")
            self._list(each for each in every if each.transaction in wanted)
        elif (method, parts) == ("PUT", ["status"]):
            assert query.get("envelope_ids") == "request_body"
            wanted = json.loads(body)["envelopeIds"]
            self._list(each for each in every if each.id in wanted)
        elif parts[0] not in double.envelopes:
            self._refuse(404, "ENVELOPE_DOES_NOT_EXIST", "The envelope does not exist.")
        else:
            self._one(method, double.envelopes[parts[0]], parts[1:], query, body)

    def _list(self, envelopes):
        self._json(200, {"envelopes": [_row(envelope) for envelope in envelopes]})

    def _one(self, method, envelope, parts, query, body):
        if method == "PUT" and not parts:
            self._move(envelope, json.loads(body))
        elif method == "GET" and not parts:
            self._json(200, _row(envelope, with_recipients="include" in query))
        elif method == "GET" and parts[0] == "documents":
            self._document(envelope, parts[1])
        else:
            self._refuse(405, "METHOD_NOT_ALLOWED", "Not allowed.")

    def _create(self, wanted):
        double = self.server.double
        known = [e for e in double.envelopes.values() if e.transaction == wanted["transactionId"]]
        assert not known, "a second envelope for one transaction"
        (document,), (signer,) = wanted["documents"], wanted["recipients"]["signers"]
        pdf = base64.b64decode(document["documentBase64"])
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        tabs = [tab for kind in signer["tabs"].values() for tab in kind]
        if not all(tab["anchorString"] in text for tab in tabs):
            return self._refuse(400, "ANCHOR_TAB_STRING_NOT_FOUND", "An anchor was not found.")
        if "@" not in signer["email"] or len(wanted["emailSubject"]) > 100:
            return self._refuse(400, "INVALID_REQUEST_PARAMETER", "The request is not valid.")
        envelope = Envelope(
            id=str(uuid4()),
            transaction=wanted["transactionId"],
            document=pdf,
            subject=wanted["emailSubject"],
            signer=signer,
            notification=wanted.get("eventNotification", {}),
            status=wanted["status"],
        )
        double.envelopes[envelope.id] = envelope
        if double.loses_answers:
            self.close_connection = True
            return None
        return self._json(201, _row(envelope))

    def _move(self, envelope, wanted):
        if wanted["status"] not in _MOVES.get(envelope.status, ()):
            return self._refuse(
                400, "ENVELOPE_INVALID_STATUS", "The envelope is not in the right state."
            )
        envelope.status = wanted["status"]
        envelope.reason = wanted.get("voidedReason", "")
        return self._json(200, {"envelopeId": envelope.id})

    def _document(self, envelope, name):
        double = self.server.double
        if name == "certificate":
            return self._say(200, signed_pdf(envelope.document, "DocuSign"), "application/pdf")
        assert name == "combined"
        given = {
            "": envelope.signed or envelope.document,
            "truncated": envelope.signed[: len(envelope.signed) // 3],
            "unsigned": envelope.document,
            "short": _first_page(envelope.signed),
        }[double.hands_over]
        return self._say(200, given, "application/pdf")

    def _refuse(self, status, code, message, headers=None):
        return self._json(status, {"errorCode": code, "message": message}, headers)

    def _json(self, status, data, headers=None):
        return self._say(status, json.dumps(data).encode(), "application/json", headers)

    def _say(self, status, body, media_type, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _row(envelope, *, with_recipients=False):
    row = {
        "envelopeId": envelope.id,
        "status": envelope.status,
        "emailSubject": envelope.subject,
        "statusChangedDateTime": _now(),
    }
    if envelope.status == "voided":
        row["voidedReason"] = envelope.reason
    if envelope.signed_at:
        row["completedDateTime"] = envelope.signed_at
    if with_recipients:
        signer = {
            "recipientId": "1",
            "name": envelope.signer["name"],
            "email": envelope.signer["email"],
            "status": envelope.status,
        }
        if envelope.signed_at:
            signer["signedDateTime"] = envelope.signed_at
        if envelope.status == "declined":
            signer["declinedReason"] = envelope.reason
        row["recipients"] = {"signers": [signer]}
    return row


def _first_page(document):
    with pikepdf.open(io.BytesIO(document)) as pdf:
        del pdf.pages[1:]
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def _now():
    return datetime.now(UTC).isoformat()


def _certificate():
    """Key and self-signed certificate for 127.0.0.1, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(pem).decode()
