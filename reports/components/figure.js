// The shape of a report table for its chart and its table: rows with their cells in the order of print.
/** Words of the codes of a wave: a function of kind, code and the code that it belongs to. */
export function vocabulary(labels, wave) {
	const known = new Map();
	for (const row of labels) if (row.wave === wave) known.set(`${row.label_kind}/${row.parent_code}/${row.code}`, row);
	const find = (kind, code, parent = '') => known.get(`${kind}/${parent}/${code}`);
	const word = (kind, code, parent) => find(kind, code, parent)?.label ?? plain(code);
	return {
		word,
		position: (kind, code, parent) => find(kind, code, parent)?.position ?? 0,
		list: (kind) => [...known.values()].filter((row) => row.label_kind === kind).sort((a, b) => a.position - b.position),
		group: (dimension, member) => (member === 'all' ? 'All cities' : member === 'missing' ? 'No answer to this' : word('choice', member, dimension))
	};
}

/** A code without a label, as words. */
export const plain = (code) => String(code).replaceAll('_', ' ');

export const unique = (values) => [...new Set(values)];

/** Colours of answers that are no levels of a rating. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#aa4499', '#666666', '#e69f00', '#56b4e9', '#f0e442'];

/** The colour of an answer by its place among the answers to its question, 1 the first: the same on charts and maps. */
export const colourAt = (position) => COLOURS[(position - 1) % COLOURS.length];

/** A verdict that hangs on a hidden number. */
export const HIDDEN = { code: 'hidden', label: 'hidden' };

/** Keys of a legend that several charts have. */
export const INTERVAL_KEY = { kind: 'interval', label: 'Interval at 95 %' };
export const HIDDEN_KEY = { kind: 'hatch', label: 'Hidden' };

export const isHidden = (cell) => Boolean(cell) && cell.obs_status === 'Q';

/** Whether the share of a row is hidden: where only another number of it is, the share is shown. */
export const isShareHidden = (row) => isHidden(row) && row.share_pct === null;

/** A day as "30 November 2026"; nothing where none is known. */
export const day = (date) => (date ? new Date(`${date}T12:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }) : '');

/** Names as a list in a sentence. */
export const listed = (names) => new Intl.ListFormat('en-GB').format(names);

export const pairCode = (row) => `${row.cohort_code}/${row.comparison_cohort_code}`;

/** Pairs of cohorts whose needs are compared: each with its sides, how they are drawn and which columns tell of them. */
export function pairsOf(needs) {
	const pairs = new Map();
	for (const row of needs) {
		const sides = [
			{ kind: 'own', who: row.cohort_label, prefix: '' },
			{ kind: 'other', who: row.comparison_cohort_label, prefix: 'comparison_' }
		];
		pairs.set(pairCode(row), { code: pairCode(row), label: listed(sides.map(({ who }) => who)), sides });
	}
	return [...pairs.values()];
}

/** The keys of the sides of a pair. */
export const keysOf = (pair) => pair.sides.map(({ kind, who }) => ({ kind, colour: kind, label: who }));

/** Cells of one table as rows; `columns` are all that any row has. */
export function arrange(cells, source, number) {
	const own = [...cells].filter((cell) => cell.source === source && cell.number === number);
	return lines(own, (cell) => [cell.row_code, cell.row_label], (cell) => [cell.column_code, cell.column_label]);
}

/** The same table with a row for each group, where it is printed with a row for each answer. */
export function byGroup(table) {
	const isByAnswer = table.rows.every(({ cells }) => {
		const own = [...cells.values()];
		return new Set(own.map((cell) => cell.choice_code)).size === 1 && new Set(own.map((cell) => cell.member_code)).size > 1;
	});
	if (!isByAnswer) return table;
	return lines(table.cells, (cell) => [cell.column_code, cell.column_label], (cell) => [cell.row_code, cell.row_label]);
}

/** Answers to one question as the cells of a table: a row for each group of cities, a column for each answer. */
export const tableOfAnswers = (answers, words) =>
	tableOfRows(answers, words, (row) => ({
		code: row.member_code,
		label: words.group(row.dimension_code, row.member_code),
		place: words.position('choice', row.member_code, row.dimension_code)
	}));

/** Answers of one group of cities as the cells of a table: a row for each question, a column for each answer. */
export const tableOfQuestions = (answers, words) =>
	tableOfRows(answers, words, (row) => ({
		code: row.item_code,
		label: words.word('item', row.item_code, row.theme_code),
		place: words.position('item', row.item_code, row.theme_code)
	}));

function tableOfRows(answers, words, rowOf) {
	const cells = answers
		.map((answer) => {
			const { code, label, place } = rowOf(answer);
			return {
				...answer,
				row_code: code,
				row_label: label,
				column_code: answer.choice_code,
				column_label: words.word('choice', answer.choice_code, answer.item_code),
				order: [place, words.position('choice', answer.choice_code, answer.item_code)]
			};
		})
		.sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
	return lines(cells, (cell) => [cell.row_code, cell.row_label], (cell) => [cell.column_code, cell.column_label]);
}

function lines(cells, rowOf, columnOf) {
	const rows = new Map();
	const columns = new Map();
	for (const cell of cells) {
		const [row, label] = rowOf(cell);
		const [column, heading] = columnOf(cell);
		const key = `${cell.cohort_code}/${row}`;
		if (!rows.has(key)) rows.set(key, { key, label, cells: new Map() });
		rows.get(key).cells.set(column, cell);
		columns.set(column, heading);
	}
	return { rows: [...rows.values()], columns: [...columns].map(([code, label]) => ({ code, label })), cells };
}

/** How a table is drawn: by the answers that it counts. */
export function kindOf({ rows, columns, cells }) {
	if (!cells.length || cells.some((cell) => cell.choice_code === null)) return 'table';
	const choices = new Set(cells.map((cell) => cell.choice_code));
	if ([...choices].every((choice) => /^[1-5]$/.test(choice))) return 'likert';
	if (choices.size === 1 || rows.length === 1) return 'bars';
	const sums = rows.map(({ cells: own }) => [...own.values()].reduce((sum, cell) => sum + (cell.share_pct ?? 0), 0));
	return sums.every((sum) => sum <= 100.1) && columns.length > 1 ? 'stacked' : 'bars';
}

export const share = (value) => (value === null || value === undefined ? '' : `${value.toFixed(1)}\u00a0%`);

export const interval = (low, high) => (low === null || low === undefined ? '' : `${low.toFixed(1)}\u00a0to\u00a0${high.toFixed(1)}\u00a0%`);

export const bases = (cells) => {
	const found = cells.map((cell) => cell.base_n).filter((base) => base !== null);
	if (!found.length) return 'not shown';
	const [least, most] = [Math.min(...found), Math.max(...found)];
	return least === most ? `${least}` : `${least} to ${most}`;
};

/** What the verdict on a need rests on, in the words of the release: why it is not known, or its basis; how firm; how it was asked. */
export const basisOf = (need) =>
	[
		need.why_not_known ?? [need.verdict_basis, need.verdict_provenance].filter(Boolean).join(', '),
		need.stability === null || need.stability === undefined ? '' : `same rank in ${share(100 * need.stability)} of random resamples`,
		need.comparability
	]
		.filter(Boolean)
		.join('; ');
