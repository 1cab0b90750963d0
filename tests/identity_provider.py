"""An identity provider for tests: OpenID Connect's authorization code flow with PKCE and signed tokens, on this machine."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "metarec"


@dataclass
class Provider:
    """One that knows some people, by the name of the link that each clicks to log in.

    Attributes:
        people: Claims by name.
        client_secret: What the workbench has to show to get a token.
        address: Where it is, once it is served.
    """

    people: Mapping[str, Mapping[str, Any]]
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    address: str = ""
    _key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
    )
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, path: str, asked: Mapping[str, str], authorization: str) -> tuple[int, dict[str, str], str]:
        """The status, headers and body that a request gets."""
        if path == "/.well-known/openid-configuration":
            return _json(
                {
                    "issuer": self.address,
                    "authorization_endpoint": f"{self.address}/authorize",
                    "token_endpoint": f"{self.address}/token",
                    "jwks_uri": f"{self.address}/jwks",
                    "end_session_endpoint": f"{self.address}/logout",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        if path == "/jwks":
            return _json({"keys": [self._key.as_dict(private=False)]})
        if path == "/authorize":
            assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
            links = [
                f'<a href="/grant?{html.escape(urlencode({**asked, "person": name}))}">{name}</a>'
                for name in self.people
            ]
            return 200, {"Content-Type": "text/html"}, "<h1>Who are you?</h1>" + " ".join(links)
        if path == "/grant":
            code = secrets.token_urlsafe(24)
            self._codes[code] = dict(asked)
            return _to(asked["redirect_uri"], {"code": code, "state": asked["state"]})
        if path == "/token":
            return self._token(asked, authorization)
        if path == "/logout":
            return _to(asked["post_logout_redirect_uri"], {})
        return 404, {}, ""

    def _token(self, asked: Mapping[str, str], authorization: str) -> tuple[int, dict[str, str], str]:
        granted = self._codes.pop(asked["code"])  # good for once
        shown = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        if (shown, asked["redirect_uri"], challenge) != (
            f"{CLIENT_ID}:{self.client_secret}",
            granted["redirect_uri"],
            granted["code_challenge"],
        ):
            return _json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        about = {"iss": self.address, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": granted["nonce"]}
        claims = {"sub": granted["person"], **self.people[granted["person"]], **about}
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return _json({"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": token})


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """The provider on a free port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._say(*provider.answer(url.path, dict(parse_qsl(url.query)), ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.answer(urlsplit(self.path).path, asked, self.headers.get("Authorization", "")))

        def _say(self, status: int, headers: Mapping[str, str], body: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(value: Any, status: int = 200) -> tuple[int, dict[str, str], str]:
    return status, {"Content-Type": "application/json"}, json.dumps(value)


def _to(address: str, parameters: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
    return 302, {"Location": f"{address}?{urlencode(parameters)}" if parameters else address}, ""
