// What a reader chose, in the address: a link shows the same view, and what pages have in common is kept from page to page.
// Filters of one name go together: a group of cities that is chosen in one figure is shown in all that have it.
// Import it from $lib: by another path Evidence makes a second module of it, which knows nothing of what was chosen.
import { replaceState } from '$app/navigation';
import { derived, writable } from 'svelte/store';

/** Filters that lead on to other pages. */
const KEPT = ['cohort', 'dimension', 'member', 'wave', 'pair'];

/** Chosen codes by the names of their filters; a figure that does not have a code shows its own first choice. */
export const chosen = writable({});

const textOf = (codes) => new URLSearchParams(Object.entries(codes)).toString();
const kept = (codes) => Object.fromEntries(Object.entries(codes).filter(([name]) => KEPT.includes(name)));

/** What a link to another page carries on, with its question mark. */
export const carried = derived(chosen, (codes) => (textOf(kept(codes)) ? `?${textOf(kept(codes))}` : ''));

/** Choose a code of a filter; none returns to the first choice of each figure. */
export function choose(name, code) {
	chosen.update(({ [name]: _, ...others }) => {
		const codes = code ? { ...others, [name]: code } : others;
		write(codes);
		return codes;
	});
}

/** Whether the address was read: before, a page stands as it was built. */
export const isRead = writable(false);

/**
 * Take over what the address says; `isLink`: on the way from another page, which may have been filtered.
 * The router knows of no filters: going back, it tells the address that a page was opened with.
 */
export function follow(isLink) {
	const told = Object.fromEntries(new URL(location.href).searchParams);
	chosen.update((codes) => {
		const found = isLink ? { ...kept(codes), ...told } : told;
		if (isLink && textOf(found) !== textOf(told)) write(found);
		return found;
	});
	isRead.set(true);
}

/** The code that a filter stands at: what was chosen where it is an option, else the first choice. */
export const standing = (code, options, first) => (options.some((option) => option.code === code) ? code : first);

function write(codes) {
	const url = new URL(location.href);
	url.search = textOf(codes);
	replaceState(url, {});
}
