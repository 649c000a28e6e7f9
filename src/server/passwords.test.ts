import { expect, test } from "bun:test";
import { parsePasswords, passwordMatches } from "./passwords.ts";

const passwords = parsePasswords(
  "user1:password1\nmd:210d53992dff432ec1b1a9698af9da16\r\nsha:91dfd9ddb4198affc5c194cd8ce6d338fde470e2\ncolon:a:b\n",
);

test.each([
  ["user1", "password1", true],
  ["user1", "password2", false],
  ["user2", "password1", false],
  ["md", "this is my password", true],
  ["md", "wrong", false],
  ["md", "210d53992dff432ec1b1a9698af9da16", false],
  ["sha", "mypassword", true],
  ["sha", "", false],
  ["colon", "a:b", true],
  ["", "", false],
])("%s with %s: %s", (user, password, verdict) => {
  expect(passwordMatches(passwords, user, password)).toBe(verdict);
});
