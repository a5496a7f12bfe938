"""An OpenID provider over HTTP with real keys, that can be told to lie.

It publishes itself, takes a visitor without asking anything, checks what a client must prove (PKCE,
its secret, the address to come back to) and signs ID tokens. `claims`, `key`, `header` and `answer`
change what it says.
"""

import base64
import json
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "drawpack-test", "s3cret"


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, OTHER_KEY = new_key(), new_key()


class Provider:
    def __init__(self):
        self.visits = {}
        self.asked = []
        self.claims = {"sub": "248289761001", "email": "bob@example.org", "email_verified": True}
        self.token_claims = {}
        self.algorithm, self.key = "RS256", KEY
        self.published = {}
        self.answer = {}
        self.user_info = None
        self.token_answer = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.published

    def keys(self):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        odd = {"kty": "OKP", "crv": "X25519", "x": "AAAA", "use": "enc"}
        return {"keys": [odd, public | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query):
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        assert query["client_id"] == CLIENT
        code = f"code-{len(self.visits)}"
        self.visits[code] = query
        given = {"code": code, "state": query["state"]} | self.answer
        return query["redirect_uri"] + "?" + urlencode({k: v for k, v in given.items() if v})

    def token(self, form, authorization):
        visit = self.visits.pop(form.get("code"), None)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        is_right = (
            visit is not None
            and visit["code_challenge"] == challenge
            and visit["redirect_uri"] == form.get("redirect_uri")
            and authorization == basic
        )
        if not is_right:
            return 400, {"error": "invalid_grant"}
        if self.token_answer is not None:
            return 200, self.token_answer
        return 200, {
            "access_token": "at-1",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.id_token(visit),
        }

    def id_token(self, visit):
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": visit["nonce"],
        }  # fmt: skip
        said = {k: v for k, v in (said | self.claims | self.token_claims).items() if v is not None}
        key = None if self.algorithm == "none" else self.key
        return jwt.encode(said, key, self.algorithm, headers={"kid": "1"})

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                address = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(address.query).items()}
                provider.asked.append(address.path)
                if address.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(query))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif address.path == "/.well-known/openid-configuration":
                    self.say(200, provider.discovery())
                elif address.path == "/keys":
                    self.say(200, provider.keys())
                elif address.path == "/userinfo" and provider.user_info is not None:
                    is_known = self.headers["Authorization"] == "Bearer at-1"
                    self.say(200 if is_known else 401, provider.user_info)
                else:
                    self.say(404, {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self.say(*provider.token(form, self.headers["Authorization"]))

            def say(self, status, data):
                body = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        return Handler
