/// The kinds of model file that Carillon evaluates itself.
public enum ModelKind: String, Hashable, Sendable, CaseIterable {
  /// A weighted sum of features: JSON.
  case linear
  /// An expression over features: text.
  case rules
  /// A forest of LightGBM: its text model.
  case lightgbm
  /// A forest or linear model of XGBoost: its JSON or UBJ model.
  case xgboost
  /// A recurrent network: safetensors with a JSON description.
  case lstm
}
