/* Getu 格图 · the symbols of the map, drawn on a canvas at twice their size: shape and colour, white rim. */
(function () {
  "use strict";
  const SCALE = 2;
  const COLOURS = { square: "#0b4350", star: "#5b3a8c", triangle: "#7d4700", person: "#1d5a9c", terminal: "#8a5200", competitor: "#3d4a52" };

  function canvas(width, height) {
    const element = document.createElement("canvas");
    element.width = width * SCALE;
    element.height = height * SCALE;
    const pen = element.getContext("2d");
    pen.scale(SCALE, SCALE);
    pen.lineJoin = "round";
    return [element, pen];
  }

  function polygon(pen, points) {
    pen.beginPath();
    points.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
  }

  function star(pen) {
    const points = [];
    for (let n = 0; n < 10; n++) {
      const angle = -Math.PI / 2 + (n * Math.PI) / 5;
      const radius = n % 2 ? 3.4 : 7.6;
      points.push([9 + radius * Math.cos(angle), 9 + radius * Math.sin(angle)]);
    }
    polygon(pen, points);
  }

  const OUTLINES = {
    square: (pen) => (pen.beginPath(), pen.rect(4, 4, 10, 10)),
    "square-small": (pen) => (pen.beginPath(), pen.rect(5.5, 5.5, 7, 7)),
    star: star,
    triangle: (pen) => polygon(pen, [[9, 2.6], [15.6, 14.2], [2.4, 14.2]]),
    person: function (pen) {
      pen.beginPath();
      pen.arc(9, 6, 3, 0, 7);
      pen.moveTo(15, 15.5);
      pen.bezierCurveTo(14.5, 11, 12, 10, 9, 10);
      pen.bezierCurveTo(6, 10, 3.5, 11, 3, 15.5);
      pen.closePath();
    },
  };

  OUTLINES.competitor = (pen) => polygon(pen, [[9, 2], [16, 9], [9, 16], [2, 9]]);
  OUTLINES.terminal = function (pen) {
    pen.beginPath();
    pen.rect(3, 3.5, 12, 8.5);
    pen.rect(7.5, 12, 3, 2.5);
    pen.rect(5, 14, 8, 1.6);
  };

  function symbol(name) {
    const hollow = name.endsWith("-hollow");
    const shape = hollow ? name.slice(0, -7) : name;
    const colour = COLOURS[shape.replace("-small", "")];
    const [element, pen] = canvas(18, 18);
    OUTLINES[shape](pen);
    pen.strokeStyle = "#fff";
    pen.lineWidth = hollow ? 5 : 3;
    pen.stroke();
    pen.fillStyle = hollow ? "#fff" : colour;
    pen.fill();
    if (hollow) {
      pen.strokeStyle = colour;
      pen.lineWidth = 2;
      pen.stroke();
    }
    return element;
  }

  /* 45 degree red hatching whose tiles meet without a seam. */
  function hatch() {
    const [element, pen] = canvas(7, 7);
    pen.strokeStyle = "#a81d17";
    pen.lineWidth = 1.6;
    for (const shift of [-7, 0, 7]) {
      pen.beginPath();
      pen.moveTo(shift - 1, 8);
      pen.lineTo(shift + 8, -1);
      pen.stroke();
    }
    return element;
  }

  function box() {
    const [element, pen] = canvas(24, 24);
    pen.beginPath();
    pen.roundRect ? pen.roundRect(0.5, 0.5, 23, 23, 4) : pen.rect(0.5, 0.5, 23, 23);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.strokeStyle = "#a81d17";
    pen.stroke();
    return element;
  }

  Getu.symbols = {
    names: ["square", "square-small", "star", "triangle", "person", "terminal", "competitor", "star-hollow", "triangle-hollow"],
    draw: (name) => (name === "hatch" ? hatch() : name === "fault-box" ? box() : symbol(name)),
    image(name) {
      const element = this.draw(name);
      return element.getContext("2d").getImageData(0, 0, element.width, element.height);
    },
    options(name) {
      const stretch = name === "fault-box" ? { stretchX: [[12, 36]], stretchY: [[12, 36]], content: [8, 8, 40, 40] } : {};
      return { pixelRatio: SCALE, ...stretch };
    },
    address: (name) => Getu.symbols.draw(name).toDataURL(),
  };
})();
