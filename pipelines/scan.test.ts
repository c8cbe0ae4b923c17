import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsvScanner, LineScanner, type Scanner, splitRecord } from './scan.ts'

/** Pushes the bytes in blocks of the given sizes. */
function feed(scanner: Scanner, bytes: Buffer, sizes: readonly number[]) {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    scanner.push(bytes.subarray(at, at + size))
    at += size
  }
  return scanner.end()
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '€'), maxLength: 6 })
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text)
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

test('chunks hold every record once and whole, however the bytes arrive', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }),
      sizes,
      fc.boolean(),
      (rows, blocks, windows) => {
        const end = windows ? '\r\n' : '\n'
        const records = rows.map((row) => row.map(quoted).join(','))
        const bytes = Buffer.from(['x,y', ...records].join(end))
        const scan = feed(new CsvScanner({ chunkBytes: 20 }), bytes, blocks)
        expect(scan.columns).toEqual(['x', 'y'])
        expect(scan.rows).toBe(rows.length)
        const text = scan.chunks.map(({ start, end }) => bytes.subarray(start, end).toString()).join('')
        expect(text).toBe(records.join(end))
        for (const chunk of scan.chunks)
          expect(
            bytes
              .subarray(chunk.start)
              .toString()
              .startsWith(records[chunk.line - 2] ?? '?'),
          ).toBe(true)
      },
    ),
  )
})

test('lines of NDJSON are counted the same however the bytes arrive, without the empty ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('{"a":1}', '', '\r', 'x', '{"b":"€"}'), { minLength: 1, maxLength: 30 }),
      sizes,
      (lines, blocks) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`)
        const scan = feed(new LineScanner({ chunkBytes: 10 }), bytes, blocks)
        expect(scan.rows).toBe(lines.filter((line) => line !== '' && line !== '\r').length)
      },
    ),
  )
})

test('a header may be quoted, and its delimiter is found', () => {
  const scan = feed(new CsvScanner({ chunkBytes: 100 }), Buffer.from('\uFEFF"a;b"\tc \td\n1\t2\t3'), [4])
  expect(scan).toMatchObject({ columns: ['a;b', 'c', 'd'], delimiter: '\t', rows: 1, chunks: [{ line: 2 }] })
  expect(splitRecord('"a ""b""",c', ',')).toEqual(['a "b"', 'c'])
})
