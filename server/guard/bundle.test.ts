import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import buildOnce from '../buildOnce.ts'
import { secretNames } from '../env.ts'

test('what browsers get holds no secret, nor the name of one, nor a place of this machine', () => {
  buildOnce()
  const folder = join(import.meta.dirname, '../../dist/client')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(js|css|html|svg)$/.test(name),
  )
  expect(files.length).toBeGreaterThan(10)
  const names = [
    ...secretNames,
    'process.env',
    'import.meta.env',
    '-----BEGIN',
    'sourceMappingURL',
    join(import.meta.dirname, '../..'),
  ]
  const found = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const key = /\bcw_[0-9a-f]{12}_[\w-]{43}\b/.test(text) ? ['a key'] : []
    return [...names.filter((name) => text.includes(name)), ...key].map((what) => `${file}: ${what}`)
  })
  expect(found).toEqual([])
  // no script and no style stands in the page itself
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).not.toMatch(
    /<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/,
  )
})
