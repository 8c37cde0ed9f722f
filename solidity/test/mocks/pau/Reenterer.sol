// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface StrikeTokenLike {
    function mint(address to, uint256 amount) external;
    function burn(address from, uint256 amount) external;
}

/// @notice Stands for every contract that a facet talks to (token, vault, unit, PSM, wrapper, converter, allocator
///         vault, off-ramp ledger). Each time it is called it first calls `target` with `payload`, notes the answer, and then does its
///         part so that the outer call goes on as if nothing had happened.
contract Reenterer {
    address public target;
    bytes public payload;
    uint256 public strikes;
    uint256 public refused;

    bytes4 private constant GUARD = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    // As a token, and as a vault that is its own asset's sibling.
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address public asset;
    address public classProxy;
    // As a PSM, a wrapper and an allocator vault.
    address public gem;
    address public dai;
    address public usds;
    address public psm;
    address public buffer;
    // As an off-ramp ledger.
    address public almProxy;
    address public controller;
    uint256 public constant to18ConversionFactor = 1e12;

    function arm(address target_, bytes calldata payload_) external {
        (target, payload, strikes, refused) = (target_, payload_, 0, 0);
    }

    function setController(address controller_) external {
        controller = controller_;
    }

    function set(address asset_, address classProxy_, address gem_, address dai_, address usds_) external {
        (asset, classProxy, gem, dai, usds) = (asset_, classProxy_, gem_, dai_, usds_);
        (psm, buffer) = (address(this), address(this));
        almProxy = classProxy_;
    }

    function give(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function _strike() private {
        if (target == address(0)) return;
        ++strikes;
        (bool ok, bytes memory result) = target.call(payload);
        if (!ok && bytes4(result) == GUARD) ++refused;
    }

    // --- token ---

    function approve(address spender, uint256 amount) external returns (bool) {
        _strike();
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _strike();
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _strike();
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    // --- off-ramp ledger, endpoint and buffer ---

    function bufferOf(address) external view returns (address) {
        return address(this);
    }

    function assetsOf(address) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(this);
    }

    function onSend(address, address, uint256 amount) external returns (uint256, uint64) {
        _strike();
        return (amount, 1);
    }

    function onClaim(address, address, uint256 amount) external returns (uint256) {
        _strike();
        return amount;
    }

    function takeCredit(address, address) external returns (uint256) {
        _strike();
        return 1;
    }

    // --- ERC-4626 and ERC-7540 ---

    function convertToAssets(uint256 shares) external pure returns (uint256) {
        return shares;
    }

    function convertToShares(uint256 assets) external pure returns (uint256) {
        return assets;
    }

    function maxMint(address) external pure returns (uint256) {
        return 1;
    }

    function maxWithdraw(address) external pure returns (uint256) {
        return 1;
    }

    function deposit(uint256 assets, address receiver) external returns (uint256) {
        _strike();
        StrikeTokenLike(asset).burn(msg.sender, assets);
        balanceOf[receiver] += assets;
        return assets;
    }

    function mint(uint256 shares, address receiver) external returns (uint256) {
        _strike();
        balanceOf[receiver] += shares;
        return shares;
    }

    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256) {
        _strike();
        balanceOf[owner] -= assets;
        StrikeTokenLike(asset).mint(receiver, assets);
        return assets;
    }

    function redeem(uint256 shares, address receiver, address owner) external returns (uint256) {
        _strike();
        balanceOf[owner] -= shares;
        StrikeTokenLike(asset).mint(receiver, shares);
        return shares;
    }

    function requestDeposit(uint256 assets, address, address owner) external returns (uint256) {
        _strike();
        StrikeTokenLike(asset).burn(owner, assets);
        return 0;
    }

    function requestRedeem(uint256 shares, address, address owner) external returns (uint256) {
        _strike();
        balanceOf[owner] -= shares;
        return 0;
    }

    // --- unit ---

    function exitDeposit(address receiver, address) external returns (uint256, uint256) {
        _strike();
        StrikeTokenLike(asset).mint(receiver, 1);
        return (1, 0);
    }

    function exitRedeem(address receiver, address) external returns (uint256, uint256) {
        _strike();
        balanceOf[receiver] += 1;
        return (1, 0);
    }

    function settleFinalized(address receiver, address) external returns (uint256, uint256) {
        _strike();
        balanceOf[receiver] += 1;
        return (1, 0);
    }

    function depositLiquidity(uint256 amount) external {
        _strike();
        StrikeTokenLike(asset).burn(msg.sender, amount);
    }

    function withdrawLiquidity(uint256 amount) external {
        _strike();
        StrikeTokenLike(asset).mint(msg.sender, amount);
    }

    // --- PSM and wrapper ---

    function fill() external returns (uint256) {
        _strike();
        StrikeTokenLike(dai).mint(address(this), 1e24);
        return 1e24;
    }

    function buyGem(address usr, uint256 amount) external returns (uint256) {
        _strike();
        StrikeTokenLike(usds).burn(msg.sender, amount * 1e12);
        StrikeTokenLike(gem).mint(usr, amount);
        return amount * 1e12;
    }

    function sellGem(address usr, uint256 amount) external returns (uint256) {
        _strike();
        StrikeTokenLike(gem).burn(msg.sender, amount);
        StrikeTokenLike(usds).mint(usr, amount * 1e12);
        return amount * 1e12;
    }

    function buyGemNoFee(address usr, uint256 amount) external returns (uint256) {
        _strike();
        StrikeTokenLike(dai).burn(msg.sender, amount * 1e12);
        StrikeTokenLike(gem).mint(usr, amount);
        return amount * 1e12;
    }

    function sellGemNoFee(address usr, uint256 amount) external returns (uint256) {
        _strike();
        StrikeTokenLike(gem).burn(msg.sender, amount);
        StrikeTokenLike(dai).mint(usr, amount * 1e12);
        return amount * 1e12;
    }

    function usdsToDai(address usr, uint256 wad) external {
        _strike();
        StrikeTokenLike(usds).burn(msg.sender, wad);
        StrikeTokenLike(dai).mint(usr, wad);
    }

    function daiToUsds(address usr, uint256 wad) external {
        _strike();
        StrikeTokenLike(dai).burn(msg.sender, wad);
        StrikeTokenLike(usds).mint(usr, wad);
    }

    // --- allocator vault, and its own buffer ---

    function draw(uint256 wad) external {
        _strike();
        StrikeTokenLike(usds).mint(address(this), wad);
    }

    function wipe(uint256 wad) external {
        _strike();
        StrikeTokenLike(usds).burn(address(this), wad);
    }

    function letTake(address token, address spender) external {
        (bool ok,) =
            token.call(abi.encodeWithSignature("approve(address,uint256)", spender, type(uint256).max));
        require(ok, "Reenterer: approve");
    }
}
