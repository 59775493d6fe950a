// Sorting, enlarging and the maps of photos. The page says everything without this file too.
'use strict';
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // ---- Tables: a button in every head of a sortable one.
  const valueOf = cell => {
    const text = cell.dataset.value ?? cell.textContent.trim();
    const number = parseFloat(text.replace(/,/g, ''));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const compare = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === 'number' ? -1 : 1;

  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make('button', { type: 'button', className: 'sort' }, ...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        // Names rise first, numbers fall first.
        const text = typeof valueOf(table.tBodies[0].rows[0].cells[column]) === 'string';
        const before = head.getAttribute('aria-sort');
        const rising = before ? before === 'descending' : text;
        heads.forEach(other => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', rising ? 'ascending' : 'descending');
        const rows = [...table.tBodies[0].rows].map((row, place) => ({ row, place, value: valueOf(row.cells[column]) }));
        rows.sort((a, b) => (rising ? 1 : -1) * compare(a.value, b.value) || a.place - b.place);
        table.tBodies[0].append(...rows.map(entry => entry.row));
      });
    });
  }

  // ---- What scrolls sideways can be reached by keyboard, and says what it is; what does not is no stop on the way.
  for (const area of document.querySelectorAll('.scroll')) {
    const table = area.querySelector('table');
    const name = table?.caption?.textContent ?? table?.getAttribute('aria-label') ?? document.getElementById(table?.getAttribute('aria-labelledby'))?.textContent ?? area.closest('figure').querySelector('h3').textContent;
    new ResizeObserver(() => {
      if (area.scrollWidth > area.clientWidth) {
        area.tabIndex = 0;
        area.setAttribute('role', 'region');
        area.setAttribute('aria-label', `${name}, scrolls`);
      } else ['tabindex', 'role', 'aria-label'].forEach(attribute => area.removeAttribute(attribute));
    }).observe(area);
  }

  // ---- Enlarging: every picture becomes a button that opens it in a dialog.
  const large = make('img', { alt: '' });
  const words = make('p');
  const close = make('button', { type: 'button', className: 'close' }, 'Close');
  const frame = make('div', { className: 'frame', tabIndex: 0 }, large);
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', 'Enlarged picture');
  const dialog = make('dialog', { className: 'large' }, close, frame, words);
  dialog.setAttribute('aria-label', 'Enlarged picture');
  document.body.append(dialog);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });

  const enlarge = (source, alt, text, isFigure) => {
    Object.assign(large, { src: source, alt });
    words.textContent = text;
    large.className = isFigure ? 'figure' : 'photo';
    dialog.showModal();
    frame.scrollTo(0, 0);
  };
  for (const image of document.querySelectorAll('img[data-zoom]')) {
    const button = make('button', { type: 'button', className: 'zoom' });
    button.setAttribute('aria-label', `Enlarge: ${image.alt}`);
    const whole = image.closest('picture') ?? image;
    whole.replaceWith(button);
    button.append(whole);
    button.addEventListener('click', () => enlarge(image.currentSrc || image.src, image.alt, image.dataset.zoom, whole !== image));
  }

  // ---- Maps: photos on a plane, drawn on a canvas, reached by pointer and by arrow keys.
  class PhotoMap {
    constructor(host, data) {
      Object.assign(this, { host, data, frame: data.frames.length - 1, zoom: 1, middle: [0.5, 0.5], chosen: -1, only: -1 });
      this.canvas = host.querySelector('canvas');
      this.details = host.querySelector('.details');
      this.context = this.canvas.getContext('2d');
      this.controls();
      host.hidden = false;
      new ResizeObserver(() => this.draw()).observe(this.canvas);
      matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
      this.canvas.addEventListener('pointermove', event => this.hover(event));
      this.canvas.addEventListener('pointerdown', event => this.hover(event));
      this.canvas.addEventListener('click', () => this.enlarge());
      this.canvas.addEventListener('keydown', event => this.key(event));
      this.canvas.addEventListener('focus', () => { if (this.chosen < 0) this.choose(this.nearest(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2, Infinity)); });
    }

    controls() {
      const { host, data } = this;
      const bar = host.querySelector('.controls');
      const select = make('select', {}, make('option', { value: '-1' }, 'all classes'), ...data.labels
        .map((label, index) => [label, index]).sort((a, b) => compare(a[0].name, b[0].name))
        .map(([label, index]) => make('option', { value: String(index) }, label.name + (label.seen ? '' : ' (unseen)'))));
      select.addEventListener('change', () => { this.only = Number(select.value); this.draw(); });
      const button = (text, name, act) => {
        const made = make('button', { type: 'button' }, text);
        made.setAttribute('aria-label', name);
        made.addEventListener('click', act);
        return made;
      };
      bar.append(make('label', {}, 'Show ', select), button('+', 'Zoom in', () => this.scale(1.5)), button('−', 'Zoom out', () => this.scale(1 / 1.5)), button('Whole', 'Show the whole map', () => this.scale(0)));
      if (data.frames.length < 2) return;
      const slider = make('input', { type: 'range', min: 0, max: data.frames.length - 1, value: this.frame });
      const name = make('output', {}, data.frames[this.frame]);
      const show = frame => { this.frame = frame; slider.value = frame; name.textContent = data.frames[frame]; slider.setAttribute('aria-valuetext', data.frames[frame]); this.draw(); };
      slider.addEventListener('input', () => show(Number(slider.value)));
      let timer = 0;
      const play = button('Play', 'Play all epochs', () => {
        if (timer) { clearInterval(timer); timer = 0; play.textContent = 'Play'; return; }
        if (this.frame === data.frames.length - 1) show(0);
        play.textContent = 'Stop';
        timer = setInterval(() => { if (this.frame < data.frames.length - 1) show(this.frame + 1); else play.click(); }, 600);
      });
      slider.setAttribute('aria-valuetext', data.frames[this.frame]);
      bar.append(make('label', {}, 'Epoch ', slider), name, play);
    }

    // Places in CSS pixels; one unit is as long across as down.
    place(x, y) {
      const { left, right, bottom, top } = this.data.bounds;
      const { clientWidth: width, clientHeight: height } = this.canvas;
      const unit = Math.min(width / (right - left), height / (top - bottom)) * this.zoom;
      const across = left + this.middle[0] * (right - left), down = bottom + this.middle[1] * (top - bottom);
      return [width / 2 + (x - across) * unit, height / 2 - (y - down) * unit];
    }

    photo(index) { return this.place(this.data.x[this.frame][index], this.data.y[this.frame][index]); }

    shown(index) { return this.only < 0 || this.data.classes[index] === this.only; }

    draw() {
      const { canvas, context, data } = this;
      const { clientWidth: width, clientHeight: height } = canvas;
      if (!width || !height) return;
      const density = window.devicePixelRatio || 1;
      if (canvas.width !== Math.round(width * density)) canvas.width = Math.round(width * density);
      if (canvas.height !== Math.round(height * density)) canvas.height = Math.round(height * density);
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, width, height);
      const style = getComputedStyle(this.host);
      const colours = data.labels.map(label => style.getPropertyValue(`--class-${label.colour % data.colours}`));
      const ink = style.getPropertyValue('--ink'), paper = style.getPropertyValue('--paper');
      for (let i = 0; i < data.classes.length; i++) {
        if (this.shown(i)) continue;
        context.globalAlpha = 0.12;
        this.mark(i, ink, 2.5);
      }
      for (let i = 0; i < data.classes.length; i++) {
        if (!this.shown(i)) continue;
        context.globalAlpha = 0.75;
        this.mark(i, colours[data.classes[i]], 3);
      }
      context.globalAlpha = 1;
      context.font = '12px system-ui, sans-serif';
      const taken = [];
      data.labels.forEach((label, index) => {
        const faint = this.only >= 0 && this.only !== index;
        const [x, y] = this.place(label.x, label.y);
        context.globalAlpha = faint ? 0.25 : 1;
        context.beginPath();
        context.moveTo(x, y - 6); context.lineTo(x + 6, y + 5); context.lineTo(x - 6, y + 5);
        context.closePath();
        context.fillStyle = colours[index]; context.strokeStyle = ink; context.lineWidth = 1.2;
        context.fill(); context.stroke();
        const text = label.name + (label.seen ? '' : ' *'), wide = context.measureText(text).width;
        const box = [x + 8, y - 7, x + 8 + wide, y + 7];
        if (box[2] > width) { box[0] = x - 8 - wide; box[2] = x - 8; }
        if (faint || taken.some(other => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return;
        taken.push(box);
        context.lineWidth = 3; context.strokeStyle = paper; context.fillStyle = ink;
        context.strokeText(text, box[0], y + 4); context.fillText(text, box[0], y + 4);
      });
      context.globalAlpha = 1;
      if (this.chosen >= 0) {
        const [x, y] = this.photo(this.chosen);
        context.beginPath(); context.arc(x, y, 8, 0, 7);
        context.lineWidth = 4; context.strokeStyle = paper; context.stroke();
        context.lineWidth = 2; context.strokeStyle = ink; context.stroke();
      }
    }

    mark(index, colour, size) {
      const { context, data } = this;
      const [x, y] = this.photo(index);
      context.beginPath();
      if (data.labels[data.classes[index]].seen) {
        context.fillStyle = colour;
        context.arc(x, y, size, 0, 7);
        context.fill();
      } else {
        context.strokeStyle = colour; context.lineWidth = 1.8;
        context.moveTo(x - size, y - size); context.lineTo(x + size, y + size);
        context.moveTo(x + size, y - size); context.lineTo(x - size, y + size);
        context.stroke();
      }
    }

    nearest(x, y, within) {
      let best = -1, least = within * within;
      for (let i = 0; i < this.data.classes.length; i++) {
        if (!this.shown(i)) continue;
        const [px, py] = this.photo(i), far = (px - x) ** 2 + (py - y) ** 2;
        if (far < least) [best, least] = [i, far];
      }
      return best;
    }

    hover(event) {
      const box = this.canvas.getBoundingClientRect();
      const found = this.nearest(event.clientX - box.left, event.clientY - box.top, event.pointerType === 'touch' ? 30 : 14);
      if (found >= 0 && found !== this.chosen) this.choose(found);
    }

    key(event) {
      const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (ways[event.key]) this.step(...ways[event.key]);
      else if (event.key === '+') this.scale(1.5);
      else if (event.key === '-') this.scale(1 / 1.5);
      else if (event.key === '0') this.scale(0);
      else if (event.key === 'Enter' || event.key === ' ') this.enlarge();
      else return;
      event.preventDefault();
    }

    // The nearest photo in a direction; what lies aside counts as farther.
    step(right, down) {
      if (this.chosen < 0) return;
      const [x, y] = this.photo(this.chosen);
      let best = -1, least = Infinity;
      for (let i = 0; i < this.data.classes.length; i++) {
        if (i === this.chosen || !this.shown(i)) continue;
        const [px, py] = this.photo(i);
        const along = (px - x) * right + (py - y) * down, aside = Math.abs((px - x) * down) + Math.abs((py - y) * right);
        if (along > 0.5 && along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
      }
      if (best >= 0) this.choose(best);
    }

    scale(by) {
      const { left, right, bottom, top } = this.data.bounds;
      this.zoom = by ? Math.max(1, Math.min(20, this.zoom * by)) : 1;
      if (this.zoom === 1) this.middle = [0.5, 0.5];
      else if (this.chosen >= 0) this.middle = [(this.data.x[this.frame][this.chosen] - left) / (right - left), (this.data.y[this.frame][this.chosen] - bottom) / (top - bottom)];
      this.draw();
    }

    choose(index) {
      this.chosen = index;
      if (index < 0) return;
      const { data } = this, label = data.labels[data.classes[index]];
      const children = [];
      if (data.photos[index]) children.push(make('img', { src: data.photos[index], alt: `Photo of: ${label.name}`, width: 120, height: 120 }));
      const lines = [make('p', {}, make('strong', {}, label.name), label.seen ? '' : ' (unseen class)')];
      if (data.answers) {
        const list = make('ol');
        for (const [name, cosine] of data.answers[index]) {
          const right = name === label.name;
          const mark = make('span', { className: right ? 'mark right' : 'mark' }, right ? '✓' : '');
          list.append(make('li', {}, mark, `${name} ${cosine.toFixed(2)}`));
        }
        lines.push(make('p', {}, 'The model says:'), list);
      }
      lines.push(make('p', { className: 'path' }, data.paths[index]));
      this.details.replaceChildren(...children, make('div', {}, ...lines));
      this.draw();
    }

    enlarge() {
      const { chosen, data } = this;
      if (chosen >= 0 && data.photos[chosen]) enlarge(data.photos[chosen], `Photo of: ${data.labels[data.classes[chosen]].name}`, data.paths[chosen], false);
    }
  }
  for (const host of document.querySelectorAll('.map')) new PhotoMap(host, JSON.parse(document.getElementById(host.dataset.source).textContent));
})();
