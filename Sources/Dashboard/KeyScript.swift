/// The part of the script that listens to keys. Single keys can be turned off (WCAG 2.2, 2.1.4), in the list that tells of
/// them.
enum KeyScript {
  static let text = """
      const button = document.getElementById("keys"), links = [...document.querySelectorAll("nav a[data-g]")];
      const isOff = () => { try { return localStorage.keys === "off"; } catch (e) { return false; } };
      const add = (to, kind, text = "") => {
        const node = to.appendChild(document.createElement(kind));
        node.textContent = text;
        return node;
      };
      let box = null, g = -9e9;
      const help = () => {
        if (!box) {
          box = add(document.body, "dialog");
          box.setAttribute("aria-label", "Keys");
          add(box, "h2", "Keys");
          const list = add(box, "ul");
          [["?", "this list"], ["[", "page before"], ["]", "page after"], ["/", "find, where a page has it"],
            ["← → Home End", "along a chart"], ...links.map((a) => ["g " + a.dataset.g, a.textContent])
          ].forEach(([key, words]) => {
            const item = add(list, "li");
            add(item, "kbd", key);
            item.append(" " + words);
          });
          const label = add(add(box, "p"), "label"), check = add(label, "input");
          check.type = "checkbox";
          check.checked = !isOff();
          check.onchange = () => { try { localStorage.keys = check.checked ? "on" : "off"; } catch (e) { check.checked = true; } };
          label.append(" Single keys act");
          const close = add(box, "button", "Close");
          close.onclick = () => box.close();
        }
        if (box.open) box.close(); else box.showModal();
      };
      if (button) {
        button.hidden = false;
        button.onclick = help;
      }
      document.addEventListener("keydown", (e) => {
        if (e.ctrlKey || e.metaKey || e.altKey || isOff() || /INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) return;
        if (e.key === "?") return help();
        if (box && box.open) return;
        const here = links.findIndex((a) => a.getAttribute("aria-current"));
        const to = e.timeStamp - g < 1500 ? links.find((a) => a.dataset.g === e.key)
          : e.key === "]" ? links[here + 1] : e.key === "[" ? links[here - 1] : null;
        g = e.key === "g" ? e.timeStamp : -9e9;
        if (to) location = to.href;
        const find = document.querySelector("[type=search]");
        if (e.key === "/" && find) { e.preventDefault(); find.focus(); }
      });

    """
}
