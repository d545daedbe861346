"use strict";
(function () {
  var tip = document.getElementById("tip");
  var items = Array.prototype.slice.call(document.querySelectorAll(".lane .item"));
  items.forEach(function (g) {
    var title = g.querySelector("title");
    g.setAttribute("aria-label", title.textContent);
    g.setAttribute("role", "img");
    g.setAttribute("tabindex", "-1");
    g.removeChild(title);
  });
  var lanes = Array.prototype.slice.call(document.querySelectorAll("svg.lane"));
  lanes.forEach(function (svg) {
    var first = svg.querySelector(".item.overrun") || svg.querySelector(".item");
    if (first) first.setAttribute("tabindex", "0");
  });
  function show(g, x, y) {
    tip.textContent = "";
    g.getAttribute("aria-label").split("\n").forEach(function (line) {
      var div = document.createElement("div");
      div.textContent = line;
      tip.appendChild(div);
    });
    tip.hidden = false;
    var box = g.getBoundingClientRect();
    if (x === undefined) x = Math.max(box.left, 0) + Math.min(box.width, 80) / 2;
    if (y === undefined) y = box.bottom;
    var w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = Math.max(8, Math.min(x + 12, innerWidth - w - 8)) + "px";
    tip.style.top = (y + 16 + h > innerHeight ? Math.max(8, Math.min(y, box.top) - h - 8) : y + 14) + "px";
  }
  function hide() { tip.hidden = true; }
  function visible(svg) { return svg.getClientRects().length > 0; }
  function move(from, to) {
    if (!to) return;
    from.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  }
  document.addEventListener("mouseover", function (e) {
    var g = e.target.closest && e.target.closest(".lane .item");
    if (g) show(g, e.clientX, e.clientY); else hide();
  });
  document.addEventListener("mousemove", function (e) {
    var g = e.target.closest && e.target.closest(".lane .item");
    if (g) show(g, e.clientX, e.clientY);
  });
  document.addEventListener("focusin", function (e) {
    var g = e.target.closest && e.target.closest(".lane .item");
    if (g) show(g); else hide();
  });
  document.addEventListener("scroll", hide, { passive: true });
  document.addEventListener("keydown", function (e) {
    var g = document.activeElement;
    if (e.key === "Escape") return hide();
    if (!g || !g.classList.contains("item")) return;
    var svg = g.closest("svg.lane"), own = Array.prototype.slice.call(svg.querySelectorAll(".item"));
    var at = own.indexOf(g), shown = lanes.filter(visible), lane = shown.indexOf(svg), next;
    switch (e.key) {
      case "ArrowRight": move(g, own[at + 1]); break;
      case "ArrowLeft": move(g, own[at - 1]); break;
      case "Home": move(g, own[0]); break;
      case "End": move(g, own[own.length - 1]); break;
      case "ArrowDown": case "ArrowUp":
        do { lane += e.key === "ArrowDown" ? 1 : -1; next = shown[lane] && shown[lane].querySelector("[tabindex='0']"); } while (shown[lane] && !next);
        if (next) next.focus();
        break;
      default: return;
    }
    e.preventDefault();
  });
  document.querySelectorAll("button[aria-controls]").forEach(function (b) {
    b.addEventListener("click", function () {
      var more = document.getElementById(b.getAttribute("aria-controls"));
      more.hidden = !more.hidden;
      b.setAttribute("aria-expanded", String(!more.hidden));
      b.textContent = more.hidden ? "show them" : "hide them";
    });
    b.hidden = false;
  });
  var find = document.getElementById("find"), only = document.getElementById("only"), found = document.getElementById("found");
  var rows = Array.prototype.slice.call(document.querySelectorAll(".row[data-find]"));
  function filter() {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0, active = words.length > 0 || only.checked;
    rows.forEach(function (r) {
      var text = r.getAttribute("data-find");
      var ok = words.every(function (w) { return text.indexOf(w) >= 0; }) && (!only.checked || r.hasAttribute("data-over"));
      r.hidden = !ok;
      if (ok) n++;
    });
    document.querySelectorAll(".more").forEach(function (m) {
      var b = document.querySelector("button[aria-controls='" + m.id + "']");
      m.hidden = active ? !m.querySelector(".row:not([hidden])") : b.getAttribute("aria-expanded") !== "true";
    });
    document.querySelectorAll(".row.rest").forEach(function (r) { r.hidden = active; });
    document.querySelectorAll(".group").forEach(function (g) { g.hidden = active && !g.querySelector(".row[data-find]:not([hidden])"); });
    found.textContent = active ? n + " of " + rows.length + " lanes" : "";
  }
  find.addEventListener("input", filter);
  only.addEventListener("change", filter);
  document.querySelector(".tools").hidden = false;
})();
