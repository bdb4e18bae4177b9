"""Waiting on this machine for the browser that comes back from a sign-in."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


CAME: Final = "It came back. The terminal says whether you are signed in; this page may be closed."
REFUSED: Final = "You were not let in. The terminal says more; this page may be closed."
NOT_IT: Final = "This is not the end of a sign-in: there is no ?code= in the address."
ANOTHER: Final = "This page belongs to another sign-in. Go on with the address of the terminal."


@asynccontextmanager
async def awaited(
    host: str, port: int, state: str, now: datetime
) -> AsyncIterator["asyncio.Future[str]"]:
    """Listen by TLS, with a certificate made on the spot; the future gets the whole address.

    The browser warns of the certificate: nobody vouches for it, and it never leaves this machine.
    What bears another sign-in's `state` is told so and not taken: an old page may still be open.

    Raises:
        OSError: the port is taken.
    """
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(request: web.Request) -> web.Response:
        if "code" not in request.query and "error" not in request.query:
            return web.Response(text=NOT_IT, status=404)
        if request.query.get("state", state) != state:
            return web.Response(text=ANOTHER, status=400)
        if not came.done():
            came.set_result(str(request.url))
        return web.Response(text=REFUSED if "error" in request.query else CAME)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        tls = await asyncio.to_thread(_tls, host, now)
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        yield came
    finally:
        await runner.cleanup()


def _tls(host: str, now: datetime) -> ssl.SSLContext:
    """A certificate for one day and its key; both are files for as long as it takes to read them.

    Python's own TLS reads keys from files only.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # made for its owner alone
        both = Path(folder) / "callback.pem"
        both.touch(mode=0o600)
        both.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context.load_cert_chain(both)
    return context


def _named(host: str) -> x509.GeneralName:
    return x509.DNSName(host) if host == "localhost" else x509.IPAddress(ip_address(host))
