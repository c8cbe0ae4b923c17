import { type Db, isAtLeast } from './db.ts'

const notMerged = 'max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1'

/**
 * Statements that make an empty table like another one, whose parts stay as they are filled. Engines before 26.7 forget what the other table
 * is made of where settings are named.
 */
export function tableLike(db: Pick<Db, 'version'>, table: string, like: string, more = ''): string[] {
  const create = `CREATE TABLE ${table} AS ${like}`
  const settings = `${notMerged}${more && `, ${more}`}`
  return isAtLeast(db.version, 26, 7)
    ? [`${create} SETTINGS ${settings}`]
    : [create, `ALTER TABLE ${table} MODIFY SETTING ${settings}`]
}
