/// The one script: all pages say all they know without it.
///
/// It asks for the page again when the service says that something was committed (a stream of events),
/// or, where the stream cannot be had, every 15 s; exchanges what is in `main`; keeps what is open, the
/// focus and the place; and turns the page grey when nobody answers. Pages that are not seen ask
/// nothing.
enum PageScript {
  static let text = """
    "use strict";
    (() => {
      const main = document.getElementById("main"), stale = document.getElementById("stale");
      let source = null, timer = 0, busy = false, again = false;
      const grey = (words) => {
        document.body.classList.toggle("grey", words !== "");
        if (stale.textContent !== words) stale.textContent = words;
      };
      const opened = () => [...main.querySelectorAll("details")].map((d) => d.open);
      async function refresh() {
        if (busy) { again = true; return; }
        busy = true;
        try {
          const answer = await fetch(location.href);
          if (!answer.ok) throw new Error(answer.status);
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.getElementById("main"), open = opened();
          if (fresh && fresh.innerHTML !== main.innerHTML && !main.contains(getSelection().anchorNode)
            && !(main.contains(document.activeElement)
              && /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName))) {
            const focus = document.activeElement && document.activeElement.getAttribute("href");
            main.innerHTML = fresh.innerHTML;
            main.querySelectorAll("details").forEach((d, i) => { d.open = !!open[i]; });
            if (focus) {
              const link = [...main.querySelectorAll("a")].find((a) => a.getAttribute("href") === focus);
              if (link) link.focus({ preventScroll: true });
            }
          }
          const now = page.getElementById("live"), old = document.getElementById("live");
          if (now && old && now.innerHTML !== old.innerHTML) old.innerHTML = now.innerHTML;
          const time = page.querySelector("footer time"), shown = document.querySelector("footer time");
          if (time && shown) shown.replaceWith(time);
          const icon = page.querySelector("link[rel=icon]");
          if (icon) document.querySelector("link[rel=icon]").href = icon.getAttribute("href");
          grey("");
        } catch (e) {
          grey("· not live: the service does not answer");
        }
        busy = false;
        if (again) { again = false; setTimeout(refresh, 1000); }
      }
      function close() {
        if (source) source.close();
        source = null;
        clearInterval(timer);
        timer = 0;
      }
      function open() {
        close();
        if (document.hidden || !main.hasAttribute("data-live")) return;
        const poll = () => { if (!timer) timer = setInterval(refresh, 15000); };
        if (!window.EventSource) return poll();
        source = new EventSource("/events");
        source.addEventListener("commit", refresh);
        source.onopen = () => { clearInterval(timer); timer = 0; };
        source.onerror = () => { poll(); refresh(); };
      }
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) close(); else { refresh(); open(); }
      });
      addEventListener("pagehide", close);
      document.addEventListener("keydown", (e) => {
        if (e.ctrlKey || e.metaKey || e.altKey || /INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) return;
        const links = [...document.querySelectorAll("nav a")];
        const here = links.findIndex((a) => a.getAttribute("aria-current"));
        if (e.key === "]" && links[here + 1]) location = links[here + 1].href;
        if (e.key === "[" && here > 0) location = links[here - 1].href;
      });
      open();
    })();

    """
}
