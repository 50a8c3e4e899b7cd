/// Which rounds of a boosted model are used.
///
/// A model of XGBoost that was trained with early stopping holds the rounds beyond the best one too,
/// and says which that was. XGBoost's own `Booster.predict` uses all of them, its scikit-learn wrapper
/// those up to the best: so does Carillon as it is told. LightGBM saves up to the best by itself.
public enum ModelRounds: String, CaseIterable, Sendable {
  /// All that the file holds.
  case all
  /// Those up to the best, where the file names it; an error where it does not.
  case best
}
