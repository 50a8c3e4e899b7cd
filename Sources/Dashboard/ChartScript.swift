/// The part of the script that shows time and values under the pointer, or where the keys have gone: to who hears the page a
/// chart is a slider over its points, whose value is the readout, so that each step is said once and nothing else is.
enum ChartScript {
  static let text = """
      const charts = () => {
        document.querySelectorAll("svg[data-t]").forEach((svg) => {
          const last = svg.dataset.t.split(" ").length - 4;
          svg.setAttribute("role", "slider");
          svg.setAttribute("tabindex", 0);
          svg.setAttribute("aria-valuemin", 0);
          svg.setAttribute("aria-valuemax", last);
          if (svg === crossed) cross(svg, crossedAt);
          else if (!svg.hasAttribute("aria-valuenow")) told(svg, last);
        });
      };
      let crossed = null, crossedAt = 0;
      const points = (svg) => {
        const [begin, end, unit, ...steps] = svg.dataset.t.split(" ").map(Number);
        let time = begin;
        const times = steps.map((step) => (time += step * unit));
        return { times, x: (t) => (t - begin) / (end - begin) * 720 };
      };
      const zoned = (seconds, zone) => {
        const date = new Date(seconds * 1000);
        try {
          return date.toLocaleString("sv-SE", { timeZone: zone }) + " " + zone;
        } catch (e) {
          return date.toISOString().slice(0, 19).replace("T", " ") + "Z";
        }
      };
      const told = (svg, i) => {
        const lines = [...svg.querySelectorAll("[data-v]")].map((line) => {
          return line.dataset.n + " " + (line.dataset.v.split("|")[i] || "none");
        });
        const words = [zoned(points(svg).times[i], svg.dataset.z), ...lines].join(" · ");
        svg.setAttribute("aria-valuenow", i);
        svg.setAttribute("aria-valuetext", words);
        return words;
      };
      const uncross = () => {
        document.querySelectorAll(".cross,.read").forEach((node) => node.remove());
        crossed = null;
      };
      const cross = (svg, i) => {
        uncross();
        const { times, x } = points(svg), at = Math.max(0, Math.min(times.length - 1, i));
        const [high, low, value] = [...svg.dataset.y.split("|"), svg.querySelector("[data-v]").dataset.v.split("|")[at]]
          .map((text) => parseFloat(text.replace(/,/g, "")));
        const line = document.createElementNS(svg.namespaceURI, "path"), read = document.createElement("p");
        const across = 8 + (high - value) / (high - low) * 196;
        line.setAttribute("class", "cross");
        line.setAttribute("d", "M" + x(times[at]) + " 8V204" + (isFinite(across) ? "M0 " + across + "H720" : ""));
        read.className = "read";
        read.setAttribute("aria-hidden", "true");
        read.textContent = told(svg, at);
        line.ours = read.ours = true;
        svg.append(line);
        svg.parentNode.append(read);
        [crossed, crossedAt] = [svg, at];
      };
      const chartAt = (e) => e.target.closest && e.target.closest("svg[data-t]");
      for (const kind of ["pointermove", "pointerdown"]) {
        document.addEventListener(kind, (e) => {
          const svg = chartAt(e);
          if (!svg) return crossed && crossed !== document.activeElement && uncross();
          const { times, x } = points(svg);
          const here = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
          cross(svg, times.reduce((best, t, i) => Math.abs(x(t) - here) < Math.abs(x(times[best]) - here) ? i : best, 0));
        });
      }
      document.addEventListener("focusin", (e) => { const svg = chartAt(e); if (svg) cross(svg, +svg.getAttribute("aria-valuenow")); });
      document.addEventListener("focusout", uncross);
      document.addEventListener("keydown", (e) => {
        const svg = chartAt(e), far = e.shiftKey ? 10 : 1;
        if (!svg) return;
        if (e.key === "Escape") return uncross();
        const now = +svg.getAttribute("aria-valuenow"), last = +svg.getAttribute("aria-valuemax");
        const to = { ArrowLeft: now - far, ArrowDown: now - far, ArrowRight: now + far, ArrowUp: now + far, PageDown: now - 10,
          PageUp: now + 10, Home: 0, End: last }[e.key];
        if (to === undefined) return;
        e.preventDefault();
        cross(svg, to);
      });
      charts();

    """
}
