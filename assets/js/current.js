// What is current stays in sight: the line of a menu longer than the screen, the chip of a row that scrolls sideways.
const BOXES = ".rail-nav, .desk-chips, .tabs-row, nav.overflow-x-auto";

for (const box of document.querySelectorAll(BOXES)) {
  const one = box.querySelector("[aria-current]");
  if (!one || (box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth)) continue;
  const [outer, inner] = [box.getBoundingClientRect(), one.getBoundingClientRect()];
  if (inner.bottom > outer.bottom || inner.top < outer.top) box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  if (inner.right > outer.right || inner.left < outer.left) box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}
