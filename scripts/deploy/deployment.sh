# shellcheck shell=bash
# What the scripts beside this share. Sourced, never run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0")
dry=${dry:-}

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$name: $2"
  exit "$1"
}
# The text at the head of the script is its help.
usage() { sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; }

# Does it, or with --dry-run says what would be done.
act() {
  if [ -n "$dry" ]; then
    printf 'would:'
    printf ' %q' "$@"
    printf '\n'
  else
    "$@"
  fi >&2
}

# Compose in deploy/, where its .env is: COMPOSE_FILE there, or in the environment, names the overlays.
compose() { (cd "$root/deploy" && exec docker compose "$@"); }

# The same with other values of variables: with IMAGE=carillon:before -- ps
compose_with() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  (cd "$root/deploy" && exec env "${words[@]}" docker compose "$@")
}

# A command of carillon in the running service.
inside() { compose exec -T carillon carillon "$@"; }

# A command of carillon by an image, on the service's volume, beside the service or without it.
by_image() {
  local image=$1
  shift
  compose_with "IMAGE=$image" CARILLON_HALT=1 -- run --rm --no-deps -T -e CARILLON_HALT=1 carillon "$@"
}

container() { compose ps --all --quiet carillon; }
running() { [ -n "$(container)" ] && [ "$(docker inspect --format '{{.State.Running}}' "$(container)")" = true ]; }
# The image that the service is to run, and what names of it end with.
service_image() { compose config | sed -n '/^  carillon:$/,/^  [^ ]/s/^    image: //p' | head -n 1; }

# Settings and secrets that others can read are no secrets.
refuse_readable_env() {
  local file=$root/deploy/.env mode
  [ -e "$file" ] || return 0
  mode=$(stat -c %a "$file")
  case $mode in
  *00) ;;
  *) stop 78 "others can read deploy/.env (mode $mode): chmod 600 deploy/.env" ;;
  esac
}

# Waits until the service is healthy; gives up when it keeps ending, or after so many seconds.
wait_healthy() {
  local limit=$1 began=$SECONDS state
  while [ $((SECONDS - began)) -lt "$limit" ]; do
    state=$(docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}} {{.RestartCount}}' \
      "$(container)" 2>/dev/null || echo 'gone - 0')
    case $state in
    'running healthy '*) say "healthy after $((SECONDS - began)) s"; return 0 ;;
    'exited '* | 'dead '*) break ;;
    *' '[3-9] | *' '[1-9][0-9]) break ;;
    esac
    sleep 0.5
  done
  say "not healthy after $((SECONDS - began)) s: $state"
  compose logs --no-log-prefix --tail 15 carillon >&2 || true
  return 1
}

# When the newest order was made, as RFC 3339; nothing where there is none. By the service, else by an image.
newest_order() {
  local text
  if running; then text=$(inside orders --json); else text=$(by_image "$1" orders --json); fi || return
  printf '%s\n' "$text" | sed 's/"created":"/\n&/g' | sed -n 's/^"created":"\([^"]*\)".*/\1/p' | sort | tail -n 1
}

note() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$root/deploy/releases.log"; }
# The same in the audit, which goes where the database goes. A version that has no such command goes without.
record() { inside audit note --kind deploy "$*" >/dev/null 2>&1 || say "not in the audit: $*"; }
