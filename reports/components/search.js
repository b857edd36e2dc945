// Which entries have all words that were typed, the best first.

/** Letters without accents and case, so that "epee" finds "Épée". */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Entries with `label`, `context` and `code`: a word that a label begins with counts most, then one within, then elsewhere. */
export function find(entries, text) {
	const words = plain(text).split(/\s+/).filter(Boolean);
	if (!words.length) return [];
	return entries
		.map((entry, place) => ({ entry, place, rank: rankOf(entry, words) }))
		.filter(({ rank }) => rank !== null)
		.sort((a, b) => a.rank - b.rank || a.place - b.place)
		.map(({ entry }) => entry);
}

function rankOf({ label, context, code }, words) {
	const [inLabel, elsewhere] = [plain(label), plain(`${context ?? ''} ${code.replaceAll('_', ' ')}`)];
	let rank = 0;
	for (const word of words) {
		if (inLabel.startsWith(word)) continue;
		const at = inLabel.indexOf(word);
		if (at > 0) rank += /[\p{L}\p{N}]/u.test(inLabel[at - 1]) ? 2 : 1;
		else if (elsewhere.includes(word)) rank += 3;
		else return null;
	}
	return rank;
}
