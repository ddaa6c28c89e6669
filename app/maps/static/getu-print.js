/* Getu 格图 · the map on paper: as it stands on the screen, scaled to the sheet, with its legend open beside it. */
(function () {
  "use strict";
  const WIDTH = 776; // px of A4 across within its margins, without the legend's column
  const HEIGHT = 604; // and without the head and the strip of figures
  let wasOpen = true;
  let pictures = [];

  /* Paper takes no picture from WebGL: one is taken in the moment after drawing and laid over the canvas. */
  function copy(layer) {
    const gl = layer.getMaplibreMap();
    const canvas = gl.getCanvas();
    gl.redraw();
    const picture = new Image();
    picture.src = canvas.toDataURL();
    picture.alt = "";
    picture.className = "printed";
    picture.style.cssText = "left:0;top:0;width:" + canvas.style.width + ";height:" + canvas.style.height;
    canvas.after(picture);
    return picture;
  }

  window.addEventListener("beforeprint", () => {
    const stage = document.querySelector("#stage");
    const legend = document.querySelector("#legend");
    const { width, height } = stage.getBoundingClientRect();
    stage.style.setProperty("--print-width", width + "px");
    stage.style.setProperty("--print-height", height + "px");
    stage.style.setProperty("--print-scale", String(Math.min(WIDTH / width, HEIGHT / height)));
    document.querySelector(".print-head .grow").textContent = [...document.querySelectorAll("#chips .chip")].map((chip) => chip.textContent.trim()).join(" · ");
    wasOpen = legend.open;
    legend.open = true;
    window.Getu.map.eachLayer((layer) => layer.getMaplibreMap && pictures.push(copy(layer)));
  });
  window.addEventListener("afterprint", () => {
    document.querySelector("#legend").open = wasOpen;
    for (const picture of pictures) picture.remove();
    pictures = [];
  });
})();
