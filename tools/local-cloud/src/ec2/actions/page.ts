import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { count } from '../launches/template-data.ts';

export const pageShape = {
  MaxResults: count
    .refine((value) => value >= 5 && value <= 1000, 'It must be from 5 to 1000.')
    .optional(),
  NextToken: z.string().optional(),
};

/** Returns one page. The token is the number of items before it; items are only added at the end. */
export function pageOf<T extends { readonly id: string }>(
  list: readonly T[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { page: T[]; nextToken: string | undefined } {
  const start =
    NextToken === undefined ? 0 : list.findIndex(({ id }) => id === fromToken(NextToken));
  if (start < 0) throw new ApiError('InvalidNextToken', 'The token is not valid (any more).');
  const end = MaxResults === undefined ? list.length : start + MaxResults;
  const next = list[end];
  return {
    page: list.slice(start, end),
    nextToken: next === undefined ? undefined : Buffer.from(next.id).toString('base64url'),
  };
}

const fromToken = (token: string) => Buffer.from(token, 'base64url').toString();
