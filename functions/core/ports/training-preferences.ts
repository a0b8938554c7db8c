/** Who does not want to train models with what they wrote. */
export interface TrainingPreferences {
  /**
   * Those of these people (at most 100, each once) whose profile says `preferences.training: false`.
   * @throws TransientError | PermanentError when the profiles cannot be read: then nobody's texts may be written
   */
  optedOut(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}
