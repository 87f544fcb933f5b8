// Runs inside the page under test: what axe-core and the layout say of it as it stands (tests/browser/eyes.py).
(() => {
  const COLOURS = ["color-contrast", "link-in-text-block"];
  const ROOM = "target-size";
  const LEAST = 24; // CSS pixels, WCAG 2.2, 2.5.8
  const WIDGETS = "button checkbox combobox gridcell link listbox menuitem menuitemcheckbox menuitemradio option radio " +
    "scrollbar searchbox slider spinbutton switch tab textbox treeitem";
  const TARGETS = "a[href], area, button, input, select, textarea, summary, " +
    WIDGETS.split(" ").map((role) => `[role=${role}]`).join();
  const CLEAR = "rgba(0, 0, 0, 0)";

  // What lies behind an element: each layer of its ancestors that paints or fades, the farthest first.
  function behind(element, known) {
    if (!element) return "";
    if (known.has(element)) return known.get(element);
    const style = getComputedStyle(element);
    let layer = "";
    if (style.backgroundColor !== CLEAR) layer += style.backgroundColor;
    if (style.backgroundImage !== "none") layer += style.backgroundImage;
    if (style.opacity !== "1") layer += `~${style.opacity}`;
    if (style.filter !== "none") layer += style.filter;
    // what stands in no row of its own may lie over anything: it is told apart by its class
    if (style.position === "absolute" || style.position === "fixed") layer += `@${element.className}`;
    const all = behind(element.parentElement, known) + (layer ? `/${layer}` : "");
    known.set(element, all);
    return all;
  }

  function off(element) {
    return Boolean(element.closest("[disabled], [aria-disabled=true]") || element.closest("label")?.control?.disabled);
  }

  function written(element) {
    if (element.matches("input, select, textarea")) return element.type !== "hidden";
    return [...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  }

  function number(text) {
    let one = 0xdeadbeef, two = 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      one = Math.imul(one ^ code, 2654435761);
      two = Math.imul(two ^ code, 1597334677);
    }
    return 4294967296 * (2097151 & two) + (one >>> 0);
  }

  // Each look of text on the page (its colours, size, weight and all that is painted behind it) → one element of it.
  function looks(skipped) {
    const known = new Map(), found = new Map();
    for (const element of document.body.querySelectorAll("*")) {
      if (!written(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const style = getComputedStyle(element);
      const field = element.matches("input, textarea");
      const look = number([
        style.color, style.fontSize, style.fontWeight, style.textShadow, off(element), behind(element, known),
        field ? getComputedStyle(element, "::placeholder").color : "",
        element.tagName === "A" ? `a${style.textDecorationLine}${getComputedStyle(element.parentElement).color}` : "",
      ].join(";"));
      if (!skipped.has(look) && !found.has(look)) found.set(look, element);
    }
    return found;
  }

  // Targets that are small or touch another: axe, which weighs each against all near it, passes every other one, and
  // asking it about those is most of what its rules cost.
  function narrow() {
    const all = [...document.body.querySelectorAll(TARGETS)].map((element) => [element, element.getBoundingClientRect()]);
    const boxes = all.filter(([, box]) => box.width && box.height);
    const apart = (one, two) =>
      one.right <= two.left || two.right <= one.left || one.bottom <= two.top || two.bottom <= one.top;
    return boxes.filter(([element, box]) => box.width < LEAST || box.height < LEAST ||
      boxes.some(([other, its]) => other !== element && !apart(box, its) && bar(other) === bar(element)))
      .map(([element]) => element);
  }

  // The bar that stays where it is while the page scrolls, if the element is in one: what it covers is scrolled out.
  function bar(element) {
    for (let one = element; one; one = one.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(one).position)) return one;
    }
    return null;
  }

  // About the page as a whole, or about what only layout tells; asked at each width.
  const WHOLE = "bypass document-title empty-heading heading-order landmark-banner-is-top-level " +
    "landmark-contentinfo-is-top-level landmark-main-is-top-level " +
    "landmark-no-duplicate-banner landmark-no-duplicate-contentinfo landmark-no-duplicate-main landmark-one-main " +
    "landmark-unique meta-viewport page-has-heading-one region scrollable-region-focusable skip-link";
  let shown = null; // what was visible at the first width

  function visible() {
    return new Set([...document.body.querySelectorAll("*")].filter(
      (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })));
  }

  // Whose inside or self differs from what the first width showed: names come from what is inside.
  function others(now) {
    const changed = [...now].filter((element) => !shown.has(element));
    for (const gone of shown) {
      if (now.has(gone) || !gone.isConnected) continue;
      let above = gone.parentElement;
      while (above && !now.has(above)) above = above.parentElement;
      if (above && above !== document.body) changed.push(above.closest(TARGETS) ?? above);
    }
    return [...new Set(changed.map((element) => element.closest(TARGETS) ?? element))];
  }

  async function structure(tags, again, common) {
    const off = Object.fromEntries([...COLOURS, ROOM].map((rule) => [rule, { enabled: false }]));
    const all = { ...common, runOnly: { type: "tag", values: tags }, rules: off };
    const now = visible();
    if (!again) {
      shown = now;
      return told((await axe.run(document, all)).violations);
    }
    const include = others(now);
    const wrong = told((await axe.run(document, { ...common, runOnly: { type: "rule", values: WHOLE.split(" ") } })).violations);
    if (include.length) wrong.push(...told((await axe.run({ include }, all)).violations));
    return wrong;
  }

  function told(rules) {
    return rules.flatMap((rule) => rule.nodes.map((node) =>
      `${rule.id}: ${rule.help}: ${node.html.slice(0, 300)} (${JSON.stringify(node.any.slice(0, 1)).slice(0, 300)})`));
  }

  function within(milliseconds, promise) {
    return Promise.race([promise, new Promise((go) => setTimeout(go, milliseconds))]);
  }

  // Until fonts and colours have arrived: colours on their way from one theme to the other are neither's, and by the
  // second frame they have arrived everywhere. What is paused or never ends is not waited for.
  async function rest() {
    await document.fonts.ready;
    const moving = document.getAnimations().filter(
      (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(moving.map((one) => one.finished));
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  }

  // A change of theme would set every colour of every element on its way, and each frame of it costs a recalculation.
  function still() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before, ::after { transition: none !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  // Who reaches beyond the right edge.
  function wide() {
    const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    return out.slice(0, 4).map((one) => one.outerHTML.slice(0, 160)).join(" | ");
  }

  let stopped = false;
  // `tags`: whose rules are asked, none: colours alone. `again`: they were asked at another width. `seen`: looks of text that were measured in this theme already, as text;
  // null: nothing is asked, the page only comes to rest.
  window.__eyes = async ({ tags, again, seen }) => {
    if (!stopped) still();
    stopped = true;
    await within(2000, rest());
    if (seen === null) return null;
    const wrong = tags.length && document.documentElement.scrollWidth > innerWidth ? [`scrolls sideways: ${wide()}`] : [];
    const common = { resultTypes: ["violations", "incomplete"], preload: false, elementRef: true };
    if (tags.length) {
      wrong.push(...await structure(tags, again, common));
      const include = narrow();
      if (include.length) {
        const close = await axe.run({ include }, { ...common, runOnly: { type: "rule", values: [ROOM] } });
        wrong.push(...told(close.violations));
      }
    }
    const fresh = looks(new Set(seen.split(" ").map(Number)));
    if (fresh.size) {
      const colours = () => axe.run({ include: [...fresh.values()] },
        { ...common, runOnly: { type: "rule", values: COLOURS } });
      let answer = await colours();
      if (answer.violations.length) {
        // what was on its way from one theme to the other after all is not wrong twice
        await within(500, new Promise(() => {}));
        await within(2000, rest());
        answer = await colours();
      }
      wrong.push(...told(answer.violations));
      const unsure = new Set(answer.incomplete.flatMap((rule) => rule.nodes.map((node) => node.element)));
      const open = [...fresh].filter(([, element]) => unsure.has(element)).map(([look]) => look);
      return { wrong, measured: [...fresh.keys()], open };
    }
    return { wrong, measured: [], open: [] };
  };
})();
