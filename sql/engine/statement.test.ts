import { expect, test } from 'vitest'
import { fromFile, intoFile, kindOf } from './statement.ts'

test('a statement is classified by its first word, whatever comments stand before it', () => {
  expect(kindOf('-- INSERT\n /* DROP */ select 1')).toBe('read')
  expect(kindOf('WITH x AS (SELECT 1) SELECT * FROM x')).toBe('read')
  expect(kindOf('(SELECT 1) UNION ALL (SELECT 2)')).toBe('read')
  expect(kindOf('insert into t values (1)')).toBe('insert')
  expect(kindOf('ALTER TABLE t DELETE WHERE 1')).toBe('write')
  expect(kindOf('KILL QUERY WHERE 1 ASYNC')).toBe('kill')
  expect(kindOf('create temporary table t (a Int8)')).toBe('session')
  expect(() => kindOf(' -- nothing')).toThrow('empty query')
})

test('a result goes to a file in the format the statement names, and strings are never taken for clauses', () => {
  expect(intoFile('SELECT 1', '/f', 'TSV').sql).toBe("SELECT 1 INTO OUTFILE '/f' FORMAT TSV")
  expect(intoFile("SELECT 'FORMAT CSV' -- end", '/f', 'TSV').sql).toBe(
    "SELECT 'FORMAT CSV' INTO OUTFILE '/f' FORMAT TSV",
  )
  expect(intoFile('SELECT 1\nFORMAT JSON;\n', '/f', 'TSV')).toEqual({
    sql: "SELECT 1\n INTO OUTFILE '/f' FORMAT JSON",
    format: 'JSON',
  })
  expect(intoFile('SELECT format FROM (SELECT 1 AS format)', '/f', 'TSV').format).toBe('TSV')
  expect(intoFile('SELECT 1 FORMAT CSV SETTINGS max_threads = 1', "/it's", 'TSV').sql).toBe(
    "SELECT 1  INTO OUTFILE '/it\\'s' FORMAT CSV SETTINGS max_threads = 1",
  )
  expect(intoFile("SELECT 'it''s \\' ; ', $$; FORMAT x$$, `;`", '/f', 'TSV').format).toBe('TSV')
})

test('several statements in one request are refused', () => {
  expect(() => intoFile('SELECT 1; SELECT 2', '/f', 'TSV')).toThrow('Code: 62')
})

test('an INSERT reads its data from the spooled file with its own columns, settings and format', () => {
  expect(fromFile('INSERT INTO t (a, b) FORMAT CSV', '/f')).toBe(
    "INSERT INTO t (a, b)  FROM INFILE '/f'  FORMAT CSV",
  )
  expect(fromFile('INSERT INTO t SETTINGS x = 1 FORMAT CSV', '/f')).toBe(
    "INSERT INTO t  FROM INFILE '/f' SETTINGS x = 1  FORMAT CSV",
  )
  expect(fromFile('INSERT INTO t VALUES', '/f')).toBe("INSERT INTO t  FROM INFILE '/f'  FORMAT Values")
})

test('input() outside of strings becomes the spooled file', () => {
  expect(
    fromFile("INSERT INTO t SELECT a, 'input(' FROM input('a UInt8') WHERE a > 1 FORMAT CSVWithNames", '/f'),
  ).toBe("INSERT INTO t SELECT a, 'input(' FROM file('/f', 'CSVWithNames', 'a UInt8') WHERE a > 1 ")
  expect(() => fromFile('INSERT INTO t SELECT 1', '/f')).toThrow('needs input()')
})
