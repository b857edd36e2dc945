// Tables as files that a reader saves.

/** Lines of values as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8. */
export function writeCsv(lines) {
	const field = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
	return `\ufeff${lines.map((line) => line.map((value) => field(String(value ?? ''))).join(',')).join('\r\n')}\r\n`;
}

/** Hand a file to the reader. */
export function download(name, text) {
	const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	const link = Object.assign(document.createElement('a'), { href: url, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}
