/// The one script: all pages say all they know without it.
///
/// It exchanges what the service says has changed: a stream of events brings the markup of the parts of the
/// pages that are seen, one stream for the whole browser, held by this same script as a shared worker, or by each
/// page where there are none. Where the stream cannot be had a page asks for itself every 15 s. Nodes are changed in
/// their place, so that focus, place, what is open and what is typed stay. The page turns grey when nobody answers.
/// Pages that are not seen ask nothing.
enum PageScript {
  /// Its text, without the blanks that lines begin with: a sixth of it.
  static let text = """
    "use strict";
    (() => {
    \(stream)\(ChartScript.text)\(page)\(KeyScript.text)})();

    """.split(separator: "\n").map { $0.drop { $0 == " " } + "\n" }.joined()

  /// The stream, and the worker that holds it for all pages.
  private static let stream = """
      const stream = (tell) => {
        let source = null, retry = 0;
        return function watch(pages) {
          if (source) source.close();
          clearTimeout(retry);
          source = null;
          if (!pages.length || !self.EventSource) return;
          source = new EventSource("/events?" + pages.map((p) => "page=" + encodeURIComponent(p)).join("&"));
          for (const kind of ["parts", "trouble"]) source.addEventListener(kind, (e) => tell(kind, e.data));
          source.onopen = () => tell("open");
          source.onerror = () => {
            tell("lost");
            if (source.readyState === 2) retry = setTimeout(watch, 60000, pages);
          };
        };
      };
      const heard = (data) => data.slice(0, data.indexOf("\\n")).split(" ");
      if (typeof document === "undefined") {
        const ports = new Map();
        const addresses = () => [...new Set([...ports.values()].map(([page]) => page))].sort();
        const watch = stream((kind, data) => {
          if (kind === "parts") {
            const [page, tag] = heard(data);
            ports.forEach((shown) => { if (shown[0] === page) shown[1] = tag; });
          }
          ports.forEach((_, port) => port.postMessage([kind, data]));
        });
        onconnect = ({ ports: [port] }) => {
          port.onmessage = ({ data }) => {
            const before = addresses().join();
            if (data) ports.set(port, data); else ports.delete(port);
            if (!data && addresses().join() === before) return;
            watch(addresses().map((page) => {
              const tags = new Set([...ports.values()].filter((s) => s[0] === page).map((s) => s[1]));
              return tags.size > 1 ? page : page + "#" + [...tags][0];
            }));
          };
        };
        return;
      }

    """

  /// What follows the stream in a page.
  private static let page = """
      const main = document.getElementById("main"), stale = document.getElementById("stale");
      const here = location.pathname + location.search, src = document.currentScript.src;
      let lost = true, said = Date.now(), busy = false, post = null;
      const grey = (words) => {
        document.body.classList.toggle("grey", words !== "");
        if (stale.textContent !== words) stale.textContent = words;
      };
      const copy = (node) => document.importNode(node, true);
      const morph = (old, now) => {
        if (old.nodeName !== now.nodeName) return old.replaceWith(copy(now));
        if (old.nodeType === 3) { if (old.data !== now.data) old.data = now.data; return; }
        for (const { name, value } of now.attributes) {
          if (name !== "role" && old.getAttribute(name) !== value) old.setAttribute(name, value);
        }
        for (const { name } of [...old.attributes]) {
          if (!/^(open|tabindex|aria-value.*)$/.test(name) && !now.hasAttribute(name)) old.removeAttribute(name);
        }
        const was = [...old.childNodes].filter((n) => !n.ours), is = [...now.childNodes];
        is.forEach((node, i) => { if (was[i]) morph(was[i], node); else old.append(copy(node)); });
        was.slice(is.length).forEach((node) => node.remove());
      };
      const show = (parts) => {
        const focus = document.activeElement, href = focus && focus.getAttribute("href");
        for (const part of parts) {
          const old = document.getElementById(part.id);
          if (old) morph(old, part);
        }
        if (href && (!focus.isConnected || focus.getAttribute("href") !== href)) {
          const link = [...main.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);
          if (link) link.focus({ preventScroll: true });
        }
        charts();
        said = Date.now();
        grey("");
      };
      async function refresh() {
        if (busy) return;
        busy = true;
        try {
          const answer = await fetch(here);
          if (answer.redirected) return location.reload();
          if (!answer.ok) throw new Error(answer.status);
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          show(["live", "notice", "halted", "as-of", "icon", "main"].map((id) => page.getElementById(id)));
        } catch (e) {
          grey("· not live: the service does not answer");
        } finally {
          busy = false;
        }
      }
      const hear = (kind, data) => {
        if (kind === "parts" && heard(data)[0] === here) {
          const parts = document.createElement("template");
          parts.innerHTML = data.slice(data.indexOf("\\n") + 1);
          show(parts.content.children);
          main.dataset.live = heard(data)[1];
        }
        if (kind === "trouble") grey("· not live: the database does not answer");
        if (kind === "open") lost = false;
        if (kind === "lost") { lost = true; refresh(); }
      };
      const follow = () => post(document.hidden ? null : [here, main.dataset.live]);
      const alone = () => {
        const watch = stream(hear);
        post = (shown) => watch(shown ? [shown.join("#")] : []);
        follow();
      };
      if (main.dataset.live) {
        try {
          const worker = new SharedWorker(src);
          worker.port.onmessage = ({ data }) => hear(...data);
          worker.onerror = alone;
          post = (shown) => worker.port.postMessage(shown);
          follow();
        } catch (e) {
          alone();
        }
        setInterval(() => {
          if (!document.hidden && (lost || Date.now() - said > 75000)) refresh();
        }, 15000);
        document.addEventListener("visibilitychange", follow);
        addEventListener("pagehide", () => post(null));
        addEventListener("pageshow", (e) => { if (e.persisted) follow(); });
      }

    """
}
