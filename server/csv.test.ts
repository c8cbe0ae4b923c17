import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'
import { parseCsv } from './testCsv.ts'

const cells = fc.array(fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.constant(null)), {
  minLength: 2,
  maxLength: 2,
})

test('whatever the cells hold, another program reads the same table', () => {
  fc.assert(
    fc.property(fc.array(cells), (rows) => {
      const [header, ...read] = parseCsv(toCsv({ columns: ['a', 'b'], rows }))
      expect(header).toEqual(['a', 'b'])
      expect(read.map((row, at) => row.map((cell, place) => unguarded(cell, rows[at]?.[place])))).toEqual(
        rows.map((row) => row.map((cell) => String(cell ?? ''))),
      )
    }),
  )
})

/** What was in the cell: a quote in front is taken off only where the guard may have set it. */
const unguarded = (read: string, cell: string | number | null | undefined) =>
  typeof cell === 'string' && read === `'${cell}` && /^["' ]*[=+\-@＝＋－＠\t\r\n]/u.test(cell) ? cell : read

test('no text begins like a formula, and every number stays the number it was', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ noNaN: true }), (text, number) => {
      const [, row] = parseCsv(toCsv({ columns: ['a', 'b'], rows: [[text, number]] }))
      expect(row?.[0]).not.toMatch(/^[=+\-@＝＋－＠\t\r\n]/u)
      expect(Number(row?.[1])).toBe(Number(String(number)))
    }),
  )
})
