import { Duration } from "aws-cdk-lib";
import { type LifecycleRule, StorageClass } from "aws-cdk-lib/aws-s3";
import { FIRST_YEAR, LAST_YEAR } from "./lake-table.ts";

const YEAR = 365;
/** Whole years in days, leap days of the longest such span included: nothing goes a day too early. */
const years = (count: number): Duration => Duration.days(count * YEAR + Math.ceil(count / 4));

/** Life of what was overwritten or deleted: time to notice a slip. Erasers do not wait for it. */
const OLD_VERSION_LIFE = Duration.days(7);
/** An upload that is not completed in so long never will be: the longest writer runs for hours. */
const UNFINISHED_UPLOAD_LIFE = Duration.days(2);
/** Life of quarantined bodies: that of their rows in the table `quarantine`. */
const QUARANTINE_LIFE = Duration.days(90);
/** What may be made again: query results, DynamoDB's own exports, what Spark stages. */
const PASSING_LIFE = Duration.days(2);
const PASSING_OLD_VERSION_LIFE = Duration.days(1);

/** Colder class with immediate access: queried, rewritten and handed out like any other, at a price by the read. */
const INSTANT_ARCHIVE = StorageClass.GLACIER_INSTANT_RETRIEVAL;

/** Folders of days whose objects are written anew: their years count from the day in the key, not from the writing. */
const DAILY_FOLDERS = [
  { id: "conversations", prefix: "conversations/", years: 5 },
  { id: "training-logs", prefix: "logs/", years: 2 },
  { id: "user-behavior", prefix: "analytics/user_behavior/daily/", years: 3 },
] as const;

/** The rules of the bucket: what is moved where, and what goes when. See the ADR on retention. */
export function lifecycleRules(): LifecycleRule[] {
  return [
    {
      id: "leftovers",
      abortIncompleteMultipartUploadAfter: UNFINISHED_UPLOAD_LIFE,
      noncurrentVersionExpiration: OLD_VERSION_LIFE,
      expiredObjectDeleteMarker: true,
    },
    { id: "quarantine", prefix: "quarantine/", expiration: QUARANTINE_LIFE },
    ...["athena-results/", "raw-exports/", "staging/"].map((prefix) => ({
      id: prefix.slice(0, -1),
      prefix,
      expiration: PASSING_LIFE,
      noncurrentVersionExpiration: PASSING_OLD_VERSION_LIFE,
    })),
    {
      id: "media",
      prefix: "media/",
      expiration: years(7),
      transitions: [
        { storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) },
        { storageClass: INSTANT_ARCHIVE, transitionAfter: Duration.days(90) },
      ],
    },
    {
      id: "backups",
      prefix: "backups/",
      expiration: years(1),
      transitions: [{ storageClass: INSTANT_ARCHIVE, transitionAfter: Duration.days(30) }],
    },
    // Rows of the lake point at them; they are written once.
    {
      id: "tool-results",
      prefix: "tool-results/",
      expiration: years(5),
      transitions: [{ storageClass: INSTANT_ARCHIVE, transitionAfter: Duration.days(30) }],
    },
    // Aggregates, and the patterns of the last 90 days, written anew every night.
    { id: "analytics", prefix: "analytics/", expiration: years(3) },
    ...["conversations/", "logs/"].map((prefix) => ({
      id: `${prefix.slice(0, -1)}-tiers`,
      prefix,
      transitions: [{ storageClass: INSTANT_ARCHIVE, transitionAfter: Duration.days(30) }],
    })),
    ...DAILY_FOLDERS.flatMap(expiryByMonth),
  ];
}

/**
 * One rule a month, with a date: on the first of the month in which the last of its days has been kept long enough,
 * whatever is in the month's folder goes, no matter when it was written last. Rewriting a day for one person, or
 * because of one late message, does not restart the others' clock.
 */
function expiryByMonth(folder: (typeof DAILY_FOLDERS)[number]): LifecycleRule[] {
  const months = (LAST_YEAR - FIRST_YEAR + 1) * 12;
  return Array.from({ length: months }, (_, index) => {
    const year = FIRST_YEAR + Math.floor(index / 12);
    const month = (index % 12) + 1;
    const digits = String(month).padStart(2, "0");
    return {
      id: `${folder.id}-${year}-${digits}`,
      prefix: `${folder.prefix}year=${year}/month=${digits}/`,
      expirationDate: new Date(Date.UTC(year + folder.years, month, 1)),
    };
  });
}
