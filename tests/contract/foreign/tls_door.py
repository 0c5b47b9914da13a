"""A proxy that ends encryption in front of a sandbox, as a company's own proxy does.

Belongs here: the proxy and its throwaway certificate. Does not belong here: any client. Some
clients know their vendor's address by heart and speak to it encrypted only. A proxy and a
certificate authority to trust are settings that they offer, so nothing of theirs is touched.
"""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK_BYTES = 65_536
START_SECONDS_MAX = STOP_SECONDS_MAX = 10
CLOSING_SECONDS = 0.01


class TlsDoor(NamedTuple):
    """``proxy`` leads any encrypted request to the sandbox; ``authority`` vouches for it."""

    proxy: str
    authority: Path


@contextmanager
def tls_door(host: str, sandbox_port: int, folder: Path) -> Iterator[TlsDoor]:
    """Stand in for ``host``; the certificate goes into ``folder``."""
    certificate = _certificate(host, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    ports: list[int] = []
    is_open, closing = threading.Event(), threading.Event()

    async def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(context)
        inside, outside = await asyncio.open_connection("127.0.0.1", sandbox_port)
        # A client may leave its connection open, which then ends with the door.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(_pass_on(reader, outside), _pass_on(inside, writer))
        for side in (writer, outside):
            side.transport.abort()

    async def serve() -> None:
        server = await asyncio.start_server(admit, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        is_open.set()
        await asyncio.to_thread(closing.wait)
        server.close()
        admitted = asyncio.all_tasks() - {asyncio.current_task()}
        for task in admitted:
            task.cancel()
        await asyncio.gather(*admitted, return_exceptions=True)
        await asyncio.sleep(CLOSING_SECONDS)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert is_open.wait(START_SECONDS_MAX), "the proxy did not start"
    try:
        yield TlsDoor(f"http://127.0.0.1:{ports[0]}", certificate)
    finally:
        closing.set()
        thread.join(STOP_SECONDS_MAX)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


def _certificate(host: str, folder: Path) -> Path:
    """One file with a key and the certificate that it signs for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
