// What a reader takes along from a figure: its charts as a slide, its numbers as a table to paste. All of it is made in
// the reader's browser from what the figure shows at that moment, whatever filters are chosen.
//
// A chart says how it is drawn by `use:drawn={model}`. A model has `keys` (its legend: kind, label and colour) and either
// rows on one scale or the pictures that stand in the page:
//   rows      label, sub (quiet words below it), numbers (lines of text, colour), and marks or words in the place of marks
//   marks     bar, hatch and interval from one percentage to another, dot at one; lane 0 is the upper half of a row, 1 the lower
//   isTwoSided  whether the scale runs from the middle to both sides
//   panels    words above each picture, in their order
//   table     heading and rows to paste, where the figure has no table of its own
import { unique } from './figure.js';

export const WIDTH = 1920;
export const HEIGHT = 1080;
const EDGE = 80;
const GAP = 70;
const FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif";
const INTERVAL = '#111111';
const GRID = '#d5dae0';
/** Sizes of type that are tried, from the largest, until all rows have a place; the smallest can still be read in a room. */
const SIZES = { 1: [32, 30, 28, 26, 24, 22, 20, 18, 17], 2: [22, 20, 19, 18, 17, 16, 15] };
const models = new WeakMap();

/** A Svelte action: the element is a chart that is drawn by the model. */
export function drawn(node, model) {
	models.set(node, model);
	node.dataset.drawn = '';
	return { update: (changed) => models.set(node, changed) };
}

/** What a figure of the page says: its words, its charts with the headings above them, and its tables. */
export function readFigure(figure, release) {
	const words = (selector) => [...figure.querySelectorAll(selector)].map(textOf).filter(Boolean);
	const charts = [];
	let heading = '';
	for (const node of figure.querySelectorAll('h3, [data-drawn]')) {
		if (node.tagName === 'H3') heading = textOf(node);
		else charts.push({ heading, node, ...models.get(node) });
	}
	return {
		name: figure.dataset.figure,
		page: textOf(document.querySelector('h1')),
		title: textOf(figure.querySelector('h2')),
		choice: [...figure.querySelectorAll('.filters label')].map(chosenIn).join('   ·   '),
		base: words('.base').join(' '),
		notes: words('.hidden-note, .unit'),
		source: `Source: ${release.title}${release.published_on ? `, ${dayOf(release.published_on)}` : ''}. ${[release.publisher, ...release.licences.map(({ name }) => name)].join(', ')}.`,
		notice: release.notice,
		warning: release.warning,
		charts,
		tables: charts.some(({ table }) => table) ? charts.filter(({ table }) => table).map(tableOfChart) : [...figure.querySelectorAll('table')].map(tableOfPage)
	};
}

/** Slides of a figure as SVG documents: one, or as many as its rows need. */
export function slidesOf(figure) {
	const keys = figure.charts.flatMap((chart) => chart.keys ?? []);
	const head = headOf(figure, keys.filter((key, place) => keys.findIndex(({ label }) => label === key.label) === place));
	const foot = footOf(figure);
	const box = { x: EDGE, y: head.bottom + 14, width: WIDTH - 2 * EDGE, height: foot.top - head.bottom - 28 };
	const pages = figure.charts.some(({ panels }) => panels) ? [panelsIn(box, figure.charts)] : rowsIn(box, figure.charts);
	return pages.map((page, place) => {
		const of = pages.length > 1 ? text(`${place + 1} of ${pages.length}`, WIDTH - EDGE, HEIGHT - 24, 20, { anchor: 'end', fill: ink('quiet') }) : '';
		return (
			`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${FONT}">` +
			`<title>${escaped(figure.title)}</title><defs><pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
			'<rect width="9" height="9" fill="#e7eaee"/><rect width="3" height="9" fill="#b9c1c9"/></pattern></defs>' +
			`<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>${head.drawing}${page}${foot.drawing}${of}</svg>`
		);
	});
}

/** A slide as PNG, of the same size. */
export async function pictureOf(slide) {
	const address = URL.createObjectURL(new Blob([slide], { type: 'image/svg+xml' }));
	const image = new Image(WIDTH, HEIGHT);
	image.src = address;
	await image.decode();
	URL.revokeObjectURL(address);
	const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
	canvas.getContext('2d').drawImage(image, 0, 0, WIDTH, HEIGHT);
	return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

export function save(blob, name) {
	const address = URL.createObjectURL(blob);
	Object.assign(document.createElement('a'), { href: address, download: name }).click();
	// A browser may read it after this turn.
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The tables of a figure to the clipboard, for a document and for a spreadsheet. Returns whether the browser let it. */
export function copyTables({ page, title, choice, base, source, notice, warning, tables }) {
	const [above, below] = [[warning, page === title ? title : `${page}: ${title}`, choice, base].filter(Boolean), [source, notice].filter(Boolean)];
	const lines = tables.flatMap(({ heading, rows }) => [...(heading ? [[heading]] : []), ...rows.map((row) => row.map(({ words }) => words))]);
	const html = tables.map(({ heading, rows }) => `${heading ? `<h3>${escaped(heading)}</h3>` : ''}<table>${rows.map((row) => `<tr>${row.map(cellOf).join('')}</tr>`).join('')}</table>`);
	const paragraphs = (texts) => texts.map((one) => `<p>${escaped(one)}</p>`).join('');
	// Not by navigator.clipboard, which an address without https has not.
	const put = (event) => {
		event.clipboardData.setData('text/plain', [...above, ...lines.map((line) => line.join('\t')), ...below].join('\n'));
		event.clipboardData.setData('text/html', paragraphs(above) + html.join('') + paragraphs(below));
		event.preventDefault();
	};
	document.addEventListener('copy', put, { once: true });
	const isDone = document.execCommand('copy');
	document.removeEventListener('copy', put);
	return isDone;
}

const cellOf = ({ words, isHeading, span }) => {
	const tag = isHeading ? 'th' : 'td';
	return `<${tag}${span > 1 ? ` colspan="${span}"` : ''}>${escaped(words)}</${tag}>`;
};

const dayOf = (date) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date));

/** The words of an element, without those that are for the screen alone. */
function textOf(node) {
	const shown = node?.cloneNode(true);
	if (shown?.querySelectorAll) for (const one of shown.querySelectorAll('[data-screen]')) one.remove();
	return (shown?.textContent ?? '').replace(/\s+/g, ' ').trim();
}

function chosenIn(label) {
	const select = label.querySelector('select');
	return `${textOf(label.firstChild)}: ${textOf(select?.selectedOptions[0])}`;
}

const tableOfChart = ({ heading, table }) => ({
	heading,
	rows: [table.heading.map((words) => ({ words, isHeading: true })), ...table.rows.map((row) => row.map((value, place) => ({ words: plainNumber(value), isHeading: !place })))]
});

const plainNumber = (value) => (value === null || value === undefined ? '' : typeof value === 'number' ? String(Math.round(10 * value) / 10) : value);

function tableOfPage(table) {
	const rows = [...table.rows].map((row) =>
		[...row.cells].map((cell) => {
			const shown = cell.cloneNode(true);
			// What is folded is copied, not the words that unfold it.
			for (const one of shown.querySelectorAll('summary')) one.remove();
			for (const one of shown.querySelectorAll('br')) one.replaceWith(' ');
			return { words: textOf(shown), isHeading: cell.tagName === 'TH', span: cell.colSpan };
		})
	);
	return { heading: '', rows };
}

// Drawing. Lengths are pixels of the slide; each function returns SVG.

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || name;
const escaped = (words) => String(words).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (length) => Math.round(100 * length) / 100;

let canvas;
function widthOf(words, size, weight = 400) {
	canvas ??= document.createElement('canvas').getContext('2d');
	canvas.font = `${weight} ${size}px ${FONT}`;
	return canvas.measureText(words).width;
}

/** Words in lines of a width. */
function wrap(words, width, size, weight) {
	const lines = [];
	for (const word of String(words).split(' ').filter(Boolean)) {
		const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
		if (lines.length && widthOf(longer, size, weight) <= width) lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
}

const text = (words, x, y, size, { anchor = 'start', weight = 400, fill = ink('ink'), kind = '' } = {}) =>
	`<text${kind ? ` class="${kind}"` : ''} x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escaped(words)}</text>`;

const rect = (x, y, width, height, fill, kind, radius = 0) =>
	`<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}" fill="${fill}"${radius ? ` rx="${radius}"` : ''}/>`;

const line = (x1, y1, x2, y2, stroke, kind, width = 1, dashes = '') =>
	`<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}" stroke-width="${width}"${dashes ? ` stroke-dasharray="${dashes}"` : ''}/>`;

function paragraph(words, x, top, width, size, style = {}) {
	const lines = wrap(words, width, size, style.weight);
	const height = 1.3 * size;
	return { drawing: lines.map((one, place) => text(one, x, top + place * height + size, size, style)).join(''), bottom: top + lines.length * height };
}

function headOf({ page, title, choice, base, warning }, keys) {
	const width = WIDTH - 2 * EDGE;
	let drawing = rect(0, 0, WIDTH, 14, ink('brand'), 'band');
	let bottom = 44;
	const add = (words, size, style, gap) => {
		if (!words) return;
		const made = paragraph(words, EDGE, bottom, width, size, style);
		drawing += made.drawing;
		bottom = made.bottom + gap;
	};
	add(warning, 22, { weight: 700, fill: '#8c1d18', kind: 'warning' }, 8);
	if (page !== title) add(page, 24, { weight: 700, fill: ink('quiet'), kind: 'page' }, 4);
	add(title, title.length > 90 ? 36 : 44, { weight: 700, fill: ink('brand'), kind: 'title' }, 8);
	add(choice, 26, { weight: 700, kind: 'choice' }, 6);
	add(base, base.length > 220 ? 20 : 24, { fill: ink('quiet'), kind: 'base' }, 14);
	if (keys.length) {
		const made = keysAt(keys, EDGE, bottom, width);
		drawing += made.drawing;
		bottom = made.bottom + 8;
	}
	return { drawing, bottom };
}

function keysAt(keys, left, top, width) {
	const size = 22;
	let [x, y, drawing] = [left, top + size, ''];
	for (const { kind, label, colour } of keys) {
		const length = 34 + widthOf(label, size) + 44;
		if (x > left && x + length - 44 > left + width) [x, y] = [left, y + 1.5 * size];
		drawing += keyAt(kind, colour ? ink(colour) : INTERVAL, x, y - 0.36 * size) + text(label, x + 34, y, size, { kind: 'key' });
		x += length;
	}
	return { drawing, bottom: y + 0.4 * size };
}

function keyAt(kind, colour, x, y) {
	if (kind === 'own') return `<circle class="key" cx="${x + 12}" cy="${y}" r="9" fill="${colour}"/>`;
	if (kind === 'interval') return whisker(x, x + 24, y, colour, 'key');
	if (kind === 'dashes') return line(x, y, x + 26, y, colour, 'key', 3, '6 5');
	return rect(x + 1, y - 10, 20, 20, kind === 'hatch' ? 'url(#hatch)' : colour, 'key', 3);
}

const whisker = (from, to, y, colour, kind = 'interval', arm = 6) =>
	// A white edge sets it off from a bar.
	(kind === 'interval' ? line(from, y, to, y, '#ffffff', 'edge', 6) : '') +
	line(from, y, to, y, colour, kind, 2.5) + line(from, y - arm, from, y + arm, colour, 'cap', 2.5) + line(to, y - arm, to, y + arm, colour, 'cap', 2.5);

function footOf({ notes, source, notice }) {
	const lines = [
		...notes.map((words) => [words, { fill: ink('quiet'), kind: 'note' }]),
		[source, { kind: 'source' }],
		...(notice ? [[notice, { weight: 700, kind: 'notice' }]] : [])
	].flatMap(([words, style]) => wrap(words, WIDTH - 2 * EDGE - 100, 20, style.weight).map((one) => [one, style]));
	const top = HEIGHT - 30 - 27 * lines.length;
	return { drawing: line(EDGE, top - 6, WIDTH - EDGE, top - 6, GRID, 'rule', 2) + lines.map(([words, style], place) => text(words, EDGE, top + 22 + 27 * place, 20, style)).join(''), top: top - 12 };
}

/** Rows of all charts in columns, in as large a type as there is room for; further pages where there is none. */
function rowsIn(box, charts) {
	const isTwoSided = charts.some((chart) => chart.isTwoSided);
	const rows = charts.flatMap(({ heading, rows: own }) => [...(heading ? [{ heading }] : []), ...(own ?? [])]);
	for (const [count, sizes] of Object.entries(SIZES)) {
		for (const size of sizes) {
			if (columnsOf(rows, box, Number(count), size).length <= count) return [drawColumns(balanced(rows, box, Number(count), size, Number(count)), box, isTwoSided)];
		}
	}
	const size = SIZES[2].at(-1);
	const count = 2 * Math.ceil(columnsOf(rows, box, 2, size).length / 2);
	const found = balanced(rows, box, 2, size, count);
	return Array.from({ length: count / 2 }, (_, page) => drawColumns(found.slice(2 * page, 2 * page + 2), box, isTwoSided));
}

/** Columns as alike in height as their rows allow: at most `most` of them. */
function balanced(rows, box, count, size, most) {
	const whole = columnsOf(rows, box, count, size);
	const total = whole.reduce((sum, { height }) => sum + height, 0) + 2 * size * most;
	for (let height = total / most; height < box.height; height += size) {
		const found = columnsOf(rows, { ...box, height }, count, size);
		if (found.length <= most) return found;
	}
	return whole;
}

/** Rows by the columns that have a place for them, each with where its parts stand. */
function columnsOf(rows, box, count, size) {
	const width = (box.width - (count - 1) * GAP) / count;
	const shape = { size, width, label: 0.37 * width, numbers: numbersWidth(rows, size) };
	shape.track = width - shape.label - shape.numbers;
	const found = [];
	let left = -1;
	for (const row of rows) {
		const placed = { ...row, ...partsOf(row, shape) };
		// A heading never stands last in a column.
		if (placed.height + (row.heading ? 3 * size : 0) > left) {
			found.push({ shape, rows: [], height: 0 });
			left = box.height - 2 * size;
		}
		found.at(-1).rows.push(placed);
		found.at(-1).height += placed.height;
		left -= placed.height;
	}
	return found;
}

const numbersWidth = (rows, size) => Math.max(0, ...rows.flatMap((row) => (row.numbers ?? []).map(({ words }) => widthOf(words, 0.85 * size)))) + 1.2 * size;

function partsOf(row, { size, width, label, track, numbers }) {
	if (row.heading) return { height: 2.1 * size, said: [] };
	const lines = wrap(row.label, label - size, size);
	const subs = row.sub ? wrap(row.sub, label - size, 0.8 * size) : [];
	const said = row.words ? wrap(row.words, track + numbers - size, 0.85 * size) : [];
	const high = Math.max(1.22 * size * lines.length + size * subs.length, size * (row.numbers ?? []).length, 1.05 * size * said.length, (row.isDouble ? 1.9 : 1.35) * size);
	return { lines, subs, said, height: high + 0.45 * size };
}

function drawColumns(columns, box, isTwoSided) {
	const longest = Math.max(...columns.map(({ height }) => height));
	// Few rows are given more room.
	const stretch = Math.min(2.4, (box.height - 2 * columns[0].shape.size) / longest);
	// What is still free is left above and below.
	const top = box.y + Math.max(0, box.height - 2 * columns[0].shape.size - longest * stretch) / 3;
	return columns.map((column, place) => drawColumn(column, box.x + place * (column.shape.width + GAP), top, stretch, isTwoSided)).join('');
}

function drawColumn({ rows, shape, height }, left, top, stretch, isTwoSided) {
	const start = left + shape.label;
	const bottom = top + height * stretch;
	const at = (percentage) => start + (shape.track * percentage) / 100;
	const ticks = isTwoSided ? [100, 50, 0, 50, 100] : [0, 25, 50, 75, 100];
	let drawing = ticks
		.map((tick, place) => line(at(25 * place), top, at(25 * place), bottom, isTwoSided && place === 2 ? '#333333' : GRID, 'tick', isTwoSided && place === 2 ? 2 : 1) + text(`${tick}\u00a0%`, at(25 * place), bottom + 1.1 * shape.size, 0.8 * shape.size, { anchor: 'middle', fill: ink('quiet'), kind: 'axis' }))
		.join('');
	let y = top;
	for (const row of rows) {
		drawing += `<g class="row">${drawRow(row, shape, { left, start, at, y, height: row.height * stretch })}</g>`;
		y += row.height * stretch;
	}
	return `<g class="column">${drawing}</g>`;
}

function drawRow(row, { size, track, numbers }, { left, start, at, y, height }) {
	if (row.heading) return text(row.heading, left, y + height - 0.5 * size, size, { weight: 700, fill: ink('brand'), kind: 'heading' });
	const middle = y + height / 2;
	const half = Math.min(height / 2 - 0.18 * size, 34);
	const block = 1.22 * size * row.lines.length + size * row.subs.length;
	let drawing = row.lines.map((words, place) => text(words, left, middle - block / 2 + 1.22 * size * place + 0.95 * size, size, { kind: 'label' })).join('');
	drawing += row.subs.map((words, place) => text(words, left, middle - block / 2 + 1.22 * size * row.lines.length + size * place + 0.8 * size, 0.8 * size, { fill: ink('quiet'), kind: 'sub' })).join('');
	for (const mark of row.marks ?? []) drawing += drawMark(mark, at, middle, half, size);
	const column = (lines, kind, x, step, colour) => lines.map((one, place) => text(one.words ?? one, x, middle + step * (place - (lines.length - 1) / 2) + 0.3 * size, 0.85 * size, { kind, fill: one.colour ? ink(one.colour) : colour })).join('');
	// Words hide the lines of the scale behind them.
	if (row.said.length && !row.marks?.length) drawing += rect(start - 4, middle - 0.55 * size * row.said.length, track + 8, 1.1 * size * row.said.length, '#ffffff', 'behind');
	if (row.said.length) drawing += column(row.said, 'words', row.marks?.length ? start + track + 0.6 * size : start + 0.4 * size, 1.05 * size, ink('quiet'));
	return drawing + column(row.numbers ?? [], 'number', start + track + 0.6 * size, size, ink('ink'));
}

function drawMark({ kind, from, to, at: place, colour, lane, shape, words, isLight }, at, middle, half, size) {
	const y = lane === undefined ? middle : middle + (lane - 0.5) * half;
	if (kind === 'interval') return whisker(at(from), at(to), y, colour ? ink(colour) : INTERVAL, 'interval', Math.min(7, 0.3 * size));
	if (kind === 'dot') {
		const radius = Math.min(10, 0.38 * size, 0.42 * half);
		return shape === 'own'
			? `<circle class="dot" cx="${round(at(place))}" cy="${round(y)}" r="${round(radius)}" fill="${ink(colour)}" stroke="#ffffff"/>`
			: `<rect class="dot" x="${round(at(place) - radius)}" y="${round(y - radius)}" width="${round(2 * radius)}" height="${round(2 * radius)}" fill="${ink(colour)}" stroke="#ffffff"/>`;
	}
	const bar = rect(at(from), middle - half, at(to) - at(from), 2 * half, kind === 'hatch' ? 'url(#hatch)' : ink(colour), kind);
	const isWide = words && widthOf(words, 0.8 * size) + 6 < at(to) - at(from);
	return bar + (isWide ? text(words, (at(from) + at(to)) / 2, middle + 0.28 * size, 0.8 * size, { anchor: 'middle', fill: isLight ? '#ffffff' : '#111111', kind: 'part' }) : '');
}

/** Pictures of the page in a grid, as large as they can be, each below its words. */
function panelsIn(box, charts) {
	const panels = charts.flatMap(({ node, panels: words }) => (node.matches('svg') ? [node] : [...node.querySelectorAll('svg')]).map((picture, place) => ({ picture, words: words[place] ?? '' })));
	if (!panels.length) return '';
	const { width: wide, height: high } = panels[0].picture.viewBox.baseVal;
	const grids = unique(panels.map((_, place) => place + 1)).map((count) => {
		const cell = { width: box.width / count, height: box.height / Math.ceil(panels.length / count) };
		const size = Math.max(14, Math.min(22, cell.width / 16));
		const lines = Math.max(...panels.map(({ words }) => wrap(words, cell.width - 24, size).length));
		return { count, cell, size, lines, scale: Math.min((cell.width - 24) / wide, (cell.height - 1.25 * size * lines - 14) / high) };
	});
	const { count, cell, size, lines, scale } = grids.reduce((best, grid) => (grid.scale > best.scale ? grid : best));
	return panels
		.map(({ picture, words }, place) => {
			const [x, y] = [box.x + (place % count) * cell.width, box.y + Math.floor(place / count) * cell.height];
			const inset = panels.length === 1 ? (cell.width - wide * scale) / 2 : 0;
			const own = wrap(words, cell.width - 24, size);
			const above = own.map((one, row) => text(one, x, y + 1.25 * size * (lines - own.length + row) + size, size, { kind: 'label' }));
			return `<g class="panel">${above.join('')}<g transform="translate(${round(x + inset)} ${round(y + 1.25 * size * lines + 6)}) scale(${round(100 * scale) / 100})">${inlined(picture)}</g></g>`;
		})
		.join('');
}

const STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-size', 'font-weight', 'text-anchor'];

/** The inside of a picture with the style that the page gives it. */
function inlined(picture) {
	const copy = picture.cloneNode(true);
	const [theirs, ours] = [picture, copy].map((root) => [...root.querySelectorAll('*')]);
	ours.forEach((element, place) => {
		if (element.tagName === 'title') return;
		const computed = getComputedStyle(theirs[place]);
		for (const name of STYLES) element.setAttribute(name, computed.getPropertyValue(name));
	});
	return [...copy.children].map((node) => new XMLSerializer().serializeToString(node)).join('');
}
