"""A mail server in a container, for alerts: under the name that the shipped file of Alertmanager has, with STARTTLS by an authority of
its own and a login, so that Alertmanager runs with that file unchanged and Carillon as docs/reference/alerts.md shows it."""
import json
import os

PASSWORD = "letters-0815"
HOST = "smtp.example.org"
# Who logs in is who writes: the first as deploy/alertmanager/alertmanager.yml has it.
ALERTMANAGER, CARILLON = "carillon@example.org", "carillon-itself"

RECEIVER = """
import email, email.policy, json, ssl, threading
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain('/letters/server.pem', '/letters/server.key')
class Letters:
    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({'login': session.auth_data, 'subject': letter['Subject'], 'tls': bool(session.ssl)}), flush=True)
        return '250 taken'
def login(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == b'PASSWORD', auth_data=data.login.decode())
Controller(Letters(), hostname='', port=587, tls_context=context, require_starttls=True, authenticator=login, auth_required=True,
           auth_exclude_mechanism=['LOGIN']).start()
threading.Event().wait()
""".replace("PASSWORD", PASSWORD)

SETTINGS = f"""version: 1
accounts:
  main: {{ quote: USDT, cash: "10000" }}
venues:
  simulated: {{ kind: simulated }}
market:
  venue: simulated
  symbols: [BTC-USDT, ETH-USDT]
  timeframe: 1h
  features: {{ momentum: roc(24), strength: rsi(14), trend: ema(12) / ema(26), volatility: stddev(20) / sma(20) }}
defaults: {{ infer: {{ model: "builtin:momentum" }}, rebalance: {{ top: 1, weighting: equal }} }}
network: {{ ca-file: ca.pem }}
notify:
  channels:
    mail: {{ kind: email, host: {HOST}, user: {CARILLON}, password-file: mail.password, from: carillon@example.org,
            to: [me@example.org], severity: warning }}
"""

# Laid over compose.yml and compose.monitoring.yml: the server, and who trusts its authority. What Go reads stands in SSL_CERT_FILE.
OVERLAY = """
services:
  carillon:
    environment: { CARILLON_CONFIG: /letters/carillon.yaml }
    volumes: ["%(folder)s:/letters:ro"]
  alertmanager:
    environment: { SSL_CERT_FILE: /letters/ca.pem }
    volumes: ["%(folder)s:/letters:ro"]
  letters:
    image: mail-receiver
    command: [python3, -u, /letters/server.py]
    volumes: ["%(folder)s:/letters:ro"]
    healthcheck:
      test: [CMD, python3, -c, "import socket; socket.create_connection(('127.0.0.1', 587), 2)"]
      interval: 2s
      retries: 10
    networks:
      default: { aliases: [%(host)s] }
      desk: { aliases: [%(host)s] }
"""


def make(folder, secrets, run):
    """Makes what the overlay mounts, and Alertmanager's password; the overlay's file."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "server.py").write_text(RECEIVER)
    (folder / "carillon.yaml").write_text(SETTINGS)
    (folder / "mail.password").write_text(PASSWORD + "\n")
    keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("openssl", "req", "-x509", *keys, "-days", "2", "-subj", "/CN=authority of letters", "-keyout", folder / "ca.key", "-out",
        folder / "ca.pem")
    run("openssl", "req", *keys, "-subj", f"/CN={HOST}", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST}\n")
    run("openssl", "x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", folder / "names", "-out", folder / "server.pem")
    for path in folder.iterdir():
        path.chmod(0o644)
    (folder / "mail.password").chmod(0o400)
    os.chown(folder / "mail.password", 1000, 1000)
    # As the document has the operator do it: the password into the file that make-secrets left empty.
    (secrets / "alertmanager_smtp_password").write_text(PASSWORD)
    overlay = folder.parent / "letters.yml"
    overlay.write_text(OVERLAY % {"folder": folder, "host": HOST})
    return overlay


def read(log):
    """The subjects of the letters in the server's log, by who wrote them; all came encrypted."""
    found = {ALERTMANAGER: [], CARILLON: []}
    for line in log.splitlines():
        if "{" in line:
            letter = json.loads(line[line.index("{"):])
            if not letter["tls"]:
                raise ValueError(f"a letter that was not encrypted: {letter}")
            found[letter["login"]].append(letter["subject"])
    return found
