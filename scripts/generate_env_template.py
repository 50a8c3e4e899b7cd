#!/usr/bin/env python3
"""Writes deploy/.env.production.template: every variable that Compose and Carillon read, with what it means.

    scripts/generate_env_template.py           writes it
    scripts/generate_env_template.py --check   fails where it is not what would be written

The variables of Compose are found in deploy/compose*.yml with their defaults; those of Carillon that are no settings in
Sources/Settings/EnvironmentOverlay.swift. Each needs a line below, and a line for one that nobody reads is a mistake too.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "deploy/.env.production.template"
OVERLAY = ROOT / "Sources/Settings/EnvironmentOverlay.swift"
COMPOSE = sorted((ROOT / "deploy").glob("compose*.yml"))
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)(?:(:[-?])([^}]*))?\}")

# Variables that Compose reads, by the group that they are shown in.
WORDS = {
    "IMAGE": "The image to run. scripts/deploy/deploy-production moves this name to what it builds.",
    "PORT": "The port of the pages on this host's loopback address.",
    "SCHEDULES_DIR": "The folder with carillon.yaml, absolute or relative to deploy/.",
    "MODELS_DIR": "The folder of the models, absolute or relative to deploy/.",
    "MEMORY_LIMIT": "The most memory that Carillon may take.",
    "CPU_LIMIT": "The most processor time that Carillon may take, in processors.",
    "CARILLON_STOP_GRACE": "How long a stop may take; above the longest `timeout` in the schedules file plus 10 s.",
    "SECRETS_DIR": "The folder of secrets, made by scripts/deploy/make-secrets.",
    "SERVER_NAME": "The name that browsers ask for.",
    "HTTP_PORT": "The port that sends browsers on to the next one.",
    "HTTPS_PORT": "The port with TLS.",
    "CERTIFICATES_DIR": "The folder of fullchain.pem and privkey.pem.",
    "PROXY_USER": "Who nginx runs as: who may read privkey.pem.",
    "DEV_IMAGE": "The name of the debug build's image.",
    "DEV_PROGRAM_FROM": "The stage of the Dockerfile that the debug build comes from, or an image that has it as /carillon.",
    "CONFIG_DIR": "A folder with a carillon.yaml of your own; name it by CARILLON_CONFIG.",
    "DATASETTE_IMAGE": "The browser of the database.",
    "DATASETTE_PORT": "The browser of the database on this host's loopback address.",
    "ACT_AT": "Where the second process's pages send whoever wants to act: the service's own address.",
    "DASHBOARD_PORT": "The second process's pages on this host's loopback address.",
    "NGINX_IMAGE": "nginx, another one or by its digest.",
    "PROMETHEUS_IMAGE": "Prometheus, another one or by its digest.",
    "PROMETHEUS_RETENTION": "How long Prometheus keeps what it read.",
    "PROMETHEUS_PORT": "Prometheus on this host's loopback address.",
    "PROMETHEUS_MEMORY_LIMIT": "The most memory that Prometheus may take.",
    "ALERTMANAGER_IMAGE": "Alertmanager, another one or by its digest.",
    "ALERTMANAGER_PORT": "Alertmanager on this host's loopback address.",
    "NODE_EXPORTER_IMAGE": "The machine's own figures, another version or by its digest.",
    "GRAFANA_IMAGE": "Grafana, another one or by its digest.",
    "GRAFANA_PORT": "Grafana on this host's loopback address.",
}
# Variables of Carillon itself that are no settings, with an example; None: for programs and tests, not for people.
OWN = {
    "CARILLON_CONFIG": ("A carillon.yaml of your own, mounted by an overlay of yours (docs/DEPLOYMENT.md, Your own files).",
                        "/etc/carillon/config/carillon.yaml"),
    "CARILLON_LIVE_ARMED": ("Accounts in mode live that may spend real money. The names of all in mode live are asked for at each deployment.", ""),
    "CARILLON_HALT": ("1, or a reason: no order is sent.", ""),
    "CARILLON_WAIT_FOR": ("What must answer before Carillon begins: tcp://HOST:PORT, http(s) addresses.", ""),
    "CARILLON_WAIT_LIMIT": ("For how long it is waited for.", "60s"),
    "CARILLON_STOP_GRACE": None, "CARILLON_SCHEDULES": None, "CARILLON_SHARED": None, "CARILLON_JOB": None,
    "CARILLON_SLOT": None, "CARILLON_RUN": None, "CARILLON_ATTEMPT": None, "CARILLON_DATABASE": None,
}
# Settings that a container is often given by its environment; all others work the same way (docs/reference/settings.md).
SETTINGS = {
    "CARILLON_LOG__LEVEL": ("debug, info, warning or error.", "info"),
    "CARILLON_LOG__FORMAT": ("text or json.", "json"),
    "CARILLON_ACCOUNTS__MAIN__CASH": ("What the account `main` starts with, on paper.", "10000"),
    "CARILLON_WORKERS": ("How many jobs may run at once.", "4"),
    "CARILLON_STORAGE_GRACE": ("How long a database that refuses writes is waited for.", "5m"),
}


def found():
    """Each variable of Compose: its file, and its default; `?` where it must be given."""
    variables = {}
    for path in COMPOSE:
        for name, operator, value in VARIABLE.findall(path.read_text()):
            variables.setdefault(name, (path.name, "?" if operator == ":?" else value))
    return variables


def own():
    text = OVERLAY.read_text()
    return set(re.findall(r'"(CARILLON_[A-Z_]+[A-Z])"', text[text.index("others: Set"):text.index("private static let prefix")]))


def text(variables):
    lines = [
        "# Copy to deploy/.env, chmod 600, and remove the # before what you change. Written by scripts/generate_env_template.py.",
        "# Secrets have no place here: they are files in deploy/secrets (scripts/deploy/make-secrets).",
        "# Names with CARILLON_ are read by Carillon too: an unknown one stops the start, with the nearest known name.",
        "", "# --- which overlays run together; compose.yml alone where it is left out",
        "#COMPOSE_FILE=compose.yml:compose.proxy.yml:compose.monitoring.yml",
    ]
    for path in COMPOSE:
        mine = [(name, default) for name, (file, default) in variables.items() if file == path.name]
        if not mine:
            continue
        lines += ["", f"# --- {path.name}"]
        for name, default in mine:
            lines.append(f"# {WORDS[name]}")
            lines.append(f"#{name}=" if default == "?" else f"#{name}={default}")
            if default == "?":
                lines[-2] += " Must be given."
    lines += ["", "# --- Carillon"]
    for name, entry in OWN.items():
        if entry:
            lines += [f"# {entry[0]}", f"#{name}={entry[1]}"]
    lines += ["", "# --- settings of carillon.yaml, each as CARILLON_A__B_C for a: { b-c: ... }"]
    for name, (words, example) in SETTINGS.items():
        lines += [f"# {words}", f"#{name}={example}"]
    return "\n".join(lines) + "\n"


def main():
    variables = found()
    troubles = [f"{name} of {file} has no words" for name, (file, _) in variables.items() if name not in WORDS]
    troubles += [f"nobody reads {name}" for name in WORDS if name not in variables]
    troubles += [f"{name} of EnvironmentOverlay.swift has no words" for name in own() - set(OWN)]
    troubles += [f"EnvironmentOverlay.swift does not know {name}" for name in set(OWN) - own()]
    if troubles:
        sys.exit("generate_env_template: " + "; ".join(troubles))
    wanted = text(variables)
    if sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != wanted:
            sys.exit("deploy/.env.production.template is not current: scripts/generate_env_template.py writes it")
        return
    TARGET.write_text(wanted)


if __name__ == "__main__":
    main()
