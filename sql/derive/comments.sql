-- The comments of the outcomes in `derive_facts`, with the department that answers for them and what they are about: the themes of
-- which a word stands in the text, in its language or, where that is not known, in any.
INSERT INTO comments_next
SELECT
  source, outcome_id, service, if(o.department = '', s.own_department, o.department), district, channel, team, at, rating, language, comment,
  arraySort(arrayDistinct(arrayFilter(
    (theme, of, words) -> (spoken = of OR spoken NOT IN {theme_languages: Array(String)}) AND multiSearchAny(text, words),
    {theme_names: Array(String)}, {theme_languages: Array(String)}, {theme_words: Array(Array(String))}))) AS themes
FROM
(
  SELECT *,
    lower(splitByChar('-', language)[1]) AS spoken,
    concat(' ', lowerUTF8(replaceRegexpAll(replaceRegexpAll(comment, '\\[[a-z]+\\]', ' '), '[^\\p{L}\\p{N}]+', ' ')), ' ') AS text
  FROM derive_facts
  WHERE comment != ''
) AS o
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
