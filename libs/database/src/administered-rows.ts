/** What the stores of administered resources have in common, on repositories of TypeORM. */
import type { FindOptionsWhere, ObjectLiteral, QueryDeepPartialEntity, Repository, SelectQueryBuilder } from 'typeorm';

/** Inserts a row under a chosen key. False if the key, or another unique value, is taken. */
export async function insertIfFree<Row extends ObjectLiteral>(repository: Repository<Row>, row: Row): Promise<boolean> {
  const insert = repository.createQueryBuilder().insert().values(row).orIgnore();
  // Postgres answers a row for each that it has inserted.
  const result = await insert.returning('1').updateEntity(false).execute();
  return (result.raw as readonly unknown[]).length === 1;
}

/** Changes the one row that `where` finds. False if there is none, or none any more. */
export async function updateIf<Row extends ObjectLiteral>(
  repository: Repository<Row>,
  where: FindOptionsWhere<Row>,
  change: Partial<Row>,
): Promise<boolean> {
  // TypeORM leaves out what is undefined, which a row has for NULL.
  const columns = Object.entries(change).map(([name, value]) => [name, value === undefined ? () => 'NULL' : (value as unknown)]);
  const { affected } = await repository.update(where, Object.fromEntries(columns) as QueryDeepPartialEntity<Row>);
  return affected === 1;
}

/** Deletes the one row that `where` finds. False if there is none, or none any more. */
export async function deleteIf<Row extends ObjectLiteral>(repository: Repository<Row>, where: FindOptionsWhere<Row>): Promise<boolean> {
  return (await repository.delete(where)).affected === 1;
}

interface Page {
  readonly limit: number;
  /** The key of the row before the page. */
  readonly after: string | undefined;
  readonly descending: boolean;
}

/** A page in the order of `key`, a property of the row under the alias of the query. */
export function pageOf<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>, key: string, page: Page): Promise<Row[]> {
  const { limit, after, descending } = page;
  if (after !== undefined) query.andWhere(`${key} ${descending ? '<' : '>'} :after`, { after });
  return query.orderBy(key, descending ? 'DESC' : 'ASC').take(limit).getMany();
}

/** A pattern of ILIKE for what contains this text. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
